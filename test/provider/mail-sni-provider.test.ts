import { describe, expect, it } from "vitest";
import { mailSniProvider } from "../../lib/provider/mail-sni-provider";
import { Diagnostics } from "../../lib/provider/protocol/diagnostics";
import { UNKNOWN } from "../../lib/provider/protocol/values/unknown";

describe("the provider, configured", () => {
  it.each([
    ["hosts that are not known yet", UNKNOWN, { areKnown: false, names: [], mx1: undefined }],
    ["a host that is not known yet", { mx1: UNKNOWN }, { areKnown: true, names: ["mx1"], mx1: null }],
    ["no hosts", null, { areKnown: true, names: [], mx1: undefined }],
  ])("GIVEN %s THEN it tells these apart", async (_, hosts, expected) => {
    const provider = mailSniProvider();
    const diagnostics = new Diagnostics();
    const configured = await provider.configure({
      config: { stack: "mail", hosts: hosts as never, journal: null },
      diagnostics,
      signal: new AbortController().signal,
      isEngineGone: () => false,
    });
    await provider.close?.();

    const { areKnown, names } = configured;
    expect({ areKnown, names, mx1: configured.find("mx1") }).toEqual(expected);
    expect(diagnostics.all).toEqual([]);
  });
});
