import { describe, expect, it } from "vitest";
import { validateEnvironment } from "../../lib/provider/environment";
import { Diagnostics } from "../../lib/provider/protocol/diagnostics";

function problems(environment: Readonly<Record<string, string>>): string[] {
  const diagnostics = new Diagnostics();
  validateEnvironment(environment, diagnostics);
  return diagnostics.all.map(({ summary, detail }) => `${summary}: ${detail}`);
}

describe("the environment of the provider", () => {
  it("GIVEN what to do about hosts that cannot be reached THEN only the two choices are accepted", () => {
    expect(problems({})).toEqual([]);
    expect(problems({ MAIL_SNI_ON_UNREACHABLE: "" })).toEqual([]);
    expect(problems({ MAIL_SNI_ON_UNREACHABLE: "warn" })).toEqual([]);
    expect(problems({ MAIL_SNI_ON_UNREACHABLE: "yes" })).toEqual([
      expect.stringMatching(/^Value not allowed: .*MAIL_SNI_ON_UNREACHABLE is "yes"/),
    ]);
  });

  it("GIVEN whether hosts are asked what they serve THEN only the two choices are accepted", () => {
    expect(problems({ MAIL_SNI_SERVED: "skip" })).toEqual([]);
    expect(problems({ MAIL_SNI_SERVED: "no" })).toEqual([
      'Value not allowed: The environment variable MAIL_SNI_SERVED is "no". Set it to "ask" or "skip", or unset it.',
    ]);
  });

  it("GIVEN states to take over THEN each has to be an identity as messages name it", () => {
    expect(problems({ MAIL_SNI_TAKE_OVER: "" })).toEqual([]);
    expect(problems({ MAIL_SNI_TAKE_OVER: `${"0".repeat(16)}, ${"f".repeat(16)}` })).toEqual([]);
    expect(problems({ MAIL_SNI_TAKE_OVER: "yes" })).toEqual([
      expect.stringMatching(/^Not a state identity: .*MAIL_SNI_TAKE_OVER holds "yes"/),
    ]);
  });
});
