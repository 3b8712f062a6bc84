import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { TrustStore } from "../../../../lib/cli/verify/chain/trust-store";
import { certificateFindings } from "../../../../lib/cli/verify/judgement/certificate-findings";
import { type IssuedCertificate, issue, rsaKeys } from "../../../support/certificates";

const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS);
const YEAR = { notBefore: inDays(-30), notAfter: inDays(335) };
const EXPIRED = { notBefore: inDays(-300), notAfter: inDays(-3) };

function found(trusted: IssuedCertificate, ...sent: [IssuedCertificate, ...IssuedCertificate[]]): string[] {
  const trust = new TrustStore([new X509Certificate(trusted.pem)]);
  const [leaf, ...others] = sent.map(({ pem }) => new X509Certificate(pem)) as [X509Certificate];
  return certificateFindings([leaf, ...others], { trust, at: new Date() }).map(
    ({ severity, code }) => `${severity} ${code}`,
  );
}

describe("a certificate that is trusted itself, as --ca does with a self-signed one", () => {
  it.each([
    ["is current", YEAR, []],
    ["has expired", EXPIRED, ["error VERIFY_EXPIRED"]],
    ["is not valid yet", { notBefore: inDays(2), notAfter: inDays(9) }, ["error VERIFY_NOT_YET_VALID"]],
    ["expires soon", { notBefore: inDays(-90), notAfter: inDays(2) }, ["warning VERIFY_EXPIRES_SOON"]],
  ])("GIVEN that it %s THEN that is found", async (_, validity, codes) => {
    const leaf = await issue({ subject: "CN=domain1.tld", ...validity });
    expect(found(leaf, leaf)).toEqual(codes);
  });

  it("GIVEN that its key is too small THEN that is found", async () => {
    const leaf = await issue({ subject: "CN=domain1.tld", keys: await rsaKeys(1024), ...YEAR });
    expect(found(leaf, leaf)).toEqual(["error VERIFY_WEAK_KEY"]);
  });

  it("GIVEN an expired root THEN the chain is not well, whether the server sends the root or not", async () => {
    const root = await issue({ subject: "CN=Root", ca: true, ...EXPIRED });
    const leaf = await issue({ subject: "CN=domain1.tld", issuer: root, ...YEAR });
    expect(found(root, leaf, root)).toEqual(["error VERIFY_EXPIRED"]);
    expect(found(root, leaf)).toEqual(["error VERIFY_CHAIN_INCOMPLETE"]);
  });
});
