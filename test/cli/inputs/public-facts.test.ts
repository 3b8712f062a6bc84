import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CliError } from "../../../lib/cli/errors/cli-error";
import { parsePublicFacts } from "../../../lib/cli/inputs/public-facts";
import { HOSTILE_WORDS, isPlain } from "../../support/hostile-words";

const CERTIFICATE = {
  fingerprint_sha256: "ab".repeat(32),
  issuer: "https://ca.test/directory",
  not_after: "2026-12-01T00:00:00Z",
  renew_at: null,
};
const FACTS = {
  version: 1,
  certificates: { "a.tld": CERTIFICATE, "b.tld": {} },
  pending: { mx1: ["files"] },
};

const parse = (document: unknown) => parsePublicFacts(JSON.stringify(document), "FILE");

describe("parsePublicFacts", () => {
  it("GIVEN the value of the output THEN it is read, with null for what is not known", () => {
    const { certificates, pending } = parse(FACTS);
    expect([...certificates]).toEqual([
      [
        "a.tld",
        {
          fingerprintSha256: CERTIFICATE.fingerprint_sha256,
          issuer: CERTIFICATE.issuer,
          notAfter: new Date(CERTIFICATE.not_after),
          renewAt: null,
          hosts: [],
        },
      ],
      ["b.tld", { fingerprintSha256: null, issuer: null, notAfter: null, renewAt: null, hosts: [] }],
    ]);
    expect([...pending]).toEqual([["mx1", ["files"]]]);
  });

  it("GIVEN a time with a fraction, or of another zone, THEN it is read", () => {
    const at = (not_after: string) =>
      parse({ ...FACTS, certificates: { a: { not_after } } }).certificates.get("a")?.notAfter;
    expect(at("2026-12-01T00:00:00.5Z")).toEqual(new Date("2026-12-01T00:00:00.500Z"));
    expect(at("2026-12-01T02:00:00+02:00")).toEqual(new Date("2026-12-01T00:00:00Z"));
  });

  it("GIVEN all outputs THEN the same is read of the one among them", () => {
    const key = { sensitive: true, type: "string", value: "KEY" };
    expect(parse({ key, mail_sni: { sensitive: false, type: "dynamic", value: FACTS } })).toEqual(
      parse(FACTS),
    );
  });

  it.each([
    ["no facts", {}, "certificates is missing"],
    ["another version", { ...FACTS, version: 2 }, 'version is "2", which this release cannot read'],
    [
      "an invalid fingerprint",
      { ...FACTS, certificates: { a: { fingerprint_sha256: "AB" } } },
      "is no SHA-256",
    ],
    ["an invalid time", { ...FACTS, certificates: { a: { not_after: "soon" } } }, "certificates.a.not_after"],
    ...["12", "2026", "Nov 28 2026", "2026-12-01 00:00", "+275760-09-13T00:00:00.000Z"].map(
      (not_after): [string, object, string] => [
        `${not_after} for a time`,
        { ...FACTS, certificates: { a: { not_after } } },
        `certificates.a.not_after is "${not_after}", which is no time of RFC 3339`,
      ],
    ),
    [
      "an issuer without end",
      { ...FACTS, certificates: { a: { issuer: "x".repeat(2000) } } },
      "has 2000 characters",
    ],
    ["pending that is no list", { ...FACTS, pending: { mx1: "x" } }, "pending.mx1 "],
    [
      "hostile names",
      { ...FACTS, certificates: { [HOSTILE_WORDS.repeat(99)]: 1 } },
      "certificates.\\u001b[2J",
    ],
  ])("GIVEN %s THEN it is said where, on one plain line", (_, document, says) => {
    try {
      parse(document);
      expect.unreachable();
    } catch (error) {
      const { code, message } = error as CliError;
      expect(code).toBe("CLI_FACTS_INVALID");
      expect(message).toContain(says);
      expect(isPlain(message) && !message.includes("\n")).toBe(true);
      expect(message.length).toBeLessThan(1000);
    }
  });

  it("GIVEN any JSON THEN it is read, or refused with that code", () => {
    const member = fc.jsonValue();
    fc.assert(
      fc.property(fc.record({ certificates: member, pending: member }, { requiredKeys: [] }), (document) => {
        try {
          parse(document);
        } catch (error) {
          expect(error).toBeInstanceOf(CliError);
        }
      }),
    );
  });
});
