import { describe, expect, it } from "vitest";
import { TrustStore } from "../../../../lib/cli/verify/chain/trust-store";
import { judge } from "../../../../lib/cli/verify/judgement/judgement";
import { Summary } from "../../../../lib/cli/verify/judgement/summary";
import { totalsOf } from "../../../../lib/cli/verify/reports/wording";
import { HandshakeError } from "../../../../lib/shared/tls/handshake-error";
import { question } from "../support/questions";

function summaryOf(error: HandshakeError): Summary {
  const [asked, outcome] = [question(), { kind: "failed", error }] as const;
  const findings = judge(asked, outcome, { trust: new TrustStore([]), at: new Date() });
  const summary = new Summary();
  summary.add({ question: asked, outcome, findings });
  return summary;
}

describe("Summary", () => {
  it.each([
    ["offers no STARTTLS", HandshakeError.startTlsNotOffered("STARTTLS")],
    ["refuses in words", HandshakeError.unexpectedLine("starttls", "454 TLS not available")],
    ["ends the handshake with an alert", HandshakeError.alert(80, null)],
  ])("GIVEN a server that %s THEN it was asked, and that is an error: 1", (_, error) => {
    const summary = summaryOf(error);
    expect(summary.exitCode).toBe(1);
    expect(totalsOf(summary)).toBe("0 of 1 handshakes are right; 1 errors, 0 warnings, 0 notes.");
  });

  it.each([
    ["does not answer", HandshakeError.timeout("connect", 1000)],
    ["closes the connection", HandshakeError.closed("handshake")],
    ["is not there", HandshakeError.ofConnection("refused", new Error("refused"))],
  ])("GIVEN a server that %s THEN nothing could be checked: 2", (_, error) => {
    expect(summaryOf(error).exitCode).toBe(2);
  });
});
