import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { entryText, type JournalEntry, parseEntry, parseLatest } from "../../../lib/shared/journal/entry";
import { JsonError } from "../../../lib/shared/json/json-error";
import { journaledAccount, journaledCertificate } from "./support/entries";

const digits = (count: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${count}}$`));
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const time = fc.constantFrom("2026-11-29T19:00:00Z", "2027-02-28T00:00:01Z");
const url = fc.webUrl({ validSchemes: ["https"], size: "small" });
const text = fc.string({ minLength: 1, maxLength: 40, unit: "binary" });
const key = fc.constantFrom(
  "-----BEGIN PRIVATE KEY-----\nMIGHAgEA\nMBMGByqG\n-----END PRIVATE KEY-----\n",
  "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGHAgEA==\n-----END ENCRYPTED PRIVATE KEY-----\n",
);
const common = {
  id: digits(16),
  revision: fc.nat(1_000_000),
  stack: text,
  state: optional(digits(16)),
  isStateSaved: fc.boolean(),
  place: digits(16),
  workspace: digits(16),
  begunAt: time,
  directory: url,
  account: fc.stringMatching(/^[\w-]{43}$/),
  key,
};
const certificate = fc.record({
  kind: fc.constant("certificate" as const),
  ...common,
  names: fc.array(fc.constantFrom("a.test", "*.b.test", "xn--bcher-kva.test"), { maxLength: 5 }),
  keyAlgorithm: fc.constantFrom("ECDSA-P256", "RSA-4096"),
  profile: optional(text),
  reissue: optional(digits(64)),
  replaces: optional(fc.stringMatching(/^[\w-]{1,40}\.[\w-]{1,40}$/)),
  publicKey: digits(64),
  reusesKey: fc.boolean(),
  order: optional(url),
  leaf: optional(fc.record({ fingerprint: digits(64), notBefore: time, notAfter: time })),
});
const account = fc.record({
  kind: fc.constant("account" as const),
  ...common,
  externalAccount: optional(text),
});
const entry: fc.Arbitrary<JournalEntry> = fc.oneof(certificate, account);

describe("parseLatest", () => {
  it("GIVEN versions of an entry THEN the last whole one counts, whatever follows it", () => {
    const versions = fc.array(entry, { minLength: 1, maxLength: 3 });
    const rest = fc.oneof(fc.constant(""), fc.string({ unit: "binary" }), fc.constant("\0".repeat(100)));
    fc.assert(
      fc.property(versions, rest, fc.nat(), (written, tail, cut) => {
        const texts = written.map(entryText);
        const whole = `${texts.join("\n")}\n`;
        expect(parseLatest(`${whole}${tail}`)).toEqual(written.at(-1));
        const begun = entryText({ ...written[0], id: "0".repeat(16) } as JournalEntry).trimEnd();
        expect(parseLatest(`${whole}${begun.slice(0, cut % begun.length)}`)).toEqual(written.at(-1));
      }),
    );
  });

  it.each(["", "\n", "\0\0", "{}", '{"kind":"certificate"}\n{}'])(
    "GIVEN a file without an entry, %j, THEN it is refused",
    (text) => {
      expect(() => parseLatest(text)).toThrow(JsonError);
    },
  );
});

describe("parseEntry", () => {
  it("GIVEN any entry THEN it is read as it was written, from one line", () => {
    fc.assert(
      fc.property(entry, (written) => {
        expect(entryText(written).trimEnd()).not.toContain("\n");
        expect(parseEntry(entryText(written))).toEqual(written);
      }),
    );
  });

  it("GIVEN a certificate with as many and as long names as there are THEN it is read as it was written", () => {
    const names = Array.from({ length: 1000 }, (_, index) => `${index}.${`${"x".repeat(60)}.`.repeat(4)}a`);
    const written = journaledCertificate({ names, order: `https://ca.test/${"x".repeat(2000)}` });
    expect(parseEntry(entryText(written))).toEqual(written);
  });

  it("GIVEN an entry whose members are in another order THEN its text is the same", () => {
    fc.assert(
      fc.property(entry, fc.infiniteStream(fc.nat()), (written, ranks) => {
        const members = Object.entries(written).map(
          ([key, value]) => [ranks.next().value, key, value] as const,
        );
        const shuffled = members.sort(([one], [other]) => one - other).map(([, key, value]) => [key, value]);
        expect(entryText(Object.fromEntries(shuffled))).toBe(entryText(written));
      }),
    );
  });

  it("GIVEN an entry of which anything was cut off or changed THEN it is read, or refused with a JsonError", () => {
    const whole = entryText(journaledCertificate());
    fc.assert(
      fc.property(
        fc.nat(whole.length),
        fc.nat(20),
        fc.string({ unit: "binary", maxLength: 8 }),
        (at, count, other) => {
          const changed = whole.slice(0, at) + other + whole.slice(at + count);
          try {
            expect(Object.keys(parseEntry(changed)).sort()).toEqual(
              Object.keys(journaledCertificate()).sort(),
            );
          } catch (error) {
            expect(error).toBeInstanceOf(JsonError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([
    ["a member that is not known", { ...journaledAccount(), more: 1 }],
    ["an invalid name", journaledCertificate({ names: ["../etc"] })],
    ["a name in capitals", journaledCertificate({ names: ["A.test"] })],
    ["an order that is no URL", journaledCertificate({ order: "file:///etc/passwd" })],
    ["an invalid time", journaledCertificate({ begunAt: "2026-13-45T99:99:99Z" })],
    ["an id with a path in it", journaledCertificate({ id: "../../../../etc" })],
    ["a text that is no key", journaledCertificate({ key: "secret" })],
    ["another member in the leaf", { ...journaledCertificate(), leaf: { a: 1, b: 2, c: 3, d: 4 } }],
    ["too much", { ...journaledAccount(), stack: "x".repeat(400_000) }],
  ])("GIVEN %s THEN it is refused", (_, written) => {
    expect(() => parseEntry(JSON.stringify(written))).toThrow(JsonError);
  });
});
