import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../../lib/provider/protocol/values/unknown";
import { canWait, reissueReason } from "../../../../lib/provider/resources/acme-certificate/reissue-reason";
import type { PlannedReason } from "../../../../lib/provider/resources/reissue-reason";

type Present = Parameters<typeof reissueReason>[0];
type Wanted = Parameters<typeof reissueReason>[1];

const WANTED = {
  directory_url: "https://ca.test/directory",
  profile: null,
  preferred_chain: null,
  reissue: null,
  key_algorithm: "ECDSA-P256",
  names: ["a.test", "www.a.test"],
  optional_names: ["pop3.a.test"],
} as const satisfies Wanted;

/** A certificate of all names but the optional one, which could not be proven. */
const PRESENT: Present = {
  directory_url: WANTED.directory_url,
  profile: WANTED.profile,
  preferred_chain: WANTED.preferred_chain,
  reissue: WANTED.reissue,
  key_algorithm: WANTED.key_algorithm,
  optional_names: [...WANTED.optional_names],
  dns_names: [...WANTED.names],
  provable_names: [],
  renewal_due: false,
};

interface Case {
  readonly what: string;
  readonly wanted?: Partial<Record<keyof Wanted, unknown>>;
  readonly present?: Partial<Present>;
  readonly provable?: readonly string[];
  readonly reason: PlannedReason;
}

const CASES: readonly Case[] = [
  { what: "nothing else", reason: null },
  { what: "another CA", wanted: { directory_url: "https://other.test/directory" }, reason: "directory" },
  { what: "a CA that is unknown yet", wanted: { directory_url: UNKNOWN }, reason: UNKNOWN },
  {
    what: "a CA that is unknown yet, of a certificate whose renewal is due",
    wanted: { directory_url: UNKNOWN },
    present: { renewal_due: true },
    reason: UNKNOWN,
  },
  {
    what: "a new text in reissue, and names that are unknown yet",
    wanted: { reissue: "2026-01-31", names: UNKNOWN },
    reason: "request",
  },
  {
    what: "one name more, and optional names that are unknown yet",
    wanted: { names: ["a.test", "www.a.test", "mx.a.test"], optional_names: UNKNOWN },
    reason: "names",
  },
  { what: "a profile", wanted: { profile: "shortlived" }, reason: "profile" },
  { what: "no profile any more", present: { profile: "shortlived" }, reason: "profile" },
  { what: "a preferred chain", wanted: { preferred_chain: "Root X2" }, reason: "chain" },
  { what: "a new text in reissue", wanted: { reissue: "2026-01-31" }, reason: "request" },
  { what: "another kind of key", wanted: { key_algorithm: "RSA-2048" }, reason: "key" },
  { what: "the default kind of key", wanted: { key_algorithm: null }, reason: null },
  { what: "one name more", wanted: { names: ["a.test", "www.a.test", "mx.a.test"] }, reason: "names" },
  { what: "one name less", wanted: { names: ["a.test"] }, reason: "names" },
  {
    what: "the names in another order and spelling",
    wanted: { names: ["WWW.a.test", "A.test"] },
    reason: null,
  },
  { what: "names that are unknown yet", wanted: { names: ["a.test", UNKNOWN] }, reason: UNKNOWN },
  { what: "optional names that are unknown yet", wanted: { optional_names: UNKNOWN }, reason: UNKNOWN },
  {
    what: "a name that becomes optional",
    wanted: { names: ["a.test"], optional_names: ["www.a.test", "pop3.a.test"] },
    reason: null,
  },
  {
    what: "a wildcard for a name that it covers",
    wanted: { names: ["a.test", "*.a.test"] },
    reason: "names",
  },
  {
    what: "an optional name that its wildcard covers",
    wanted: { names: ["a.test", "*.a.test"] },
    present: { dns_names: ["a.test", "*.a.test"], provable_names: ["pop3.a.test"] },
    reason: null,
  },
  { what: "a renewal that is due", present: { renewal_due: true }, reason: "due" },
  {
    what: "an optional name that can be proven now",
    present: { provable_names: ["pop3.a.test"] },
    reason: "optional names",
  },
  {
    what: "an optional name that was never looked up",
    wanted: { optional_names: ["pop3.a.test", "imap.a.test"] },
    reason: "optional names",
  },
  {
    what: "such a name, and it cannot be proven",
    wanted: { optional_names: ["pop3.a.test", "imap.a.test"] },
    provable: [],
    reason: null,
  },
  {
    what: "such a name, and it can be proven",
    wanted: { optional_names: ["pop3.a.test", "imap.a.test"] },
    provable: ["imap.a.test"],
    reason: "optional names",
  },
  {
    what: "an optional name that it has, and that cannot be proven any more",
    present: { dns_names: ["a.test", "www.a.test", "pop3.a.test"] },
    reason: null,
  },
  {
    what: "an optional name that is no longer listed",
    wanted: { optional_names: null },
    present: { dns_names: ["a.test", "www.a.test", "pop3.a.test"] },
    reason: "names",
  },
  {
    what: "a renewal that is due, of a certificate with other names",
    wanted: { names: ["a.test"] },
    present: { renewal_due: true },
    reason: "names",
  },
  { what: "a state without a certificate", present: { dns_names: null }, reason: "names" },
];

describe("the reason to reissue a certificate", () => {
  it.each(CASES.map((each) => [each.what, String(each.reason), each] as const))(
    "GIVEN %s THEN it is %s",
    (_, __, { wanted, present, provable, reason }) => {
      const found = reissueReason({ ...PRESENT, ...present }, { ...WANTED, ...wanted } as Wanted, provable);
      expect(found).toBe(reason);
    },
  );

  const names = fc.uniqueArray(fc.constantFrom("a.test", "b.test", "c.test", "d.test"), { maxLength: 4 });

  it("GIVEN any lists of names THEN what was ordered for them needs no other, until something is due or appears", () => {
    fc.assert(
      fc.property(names, names, names, (required, others, provable) => {
        const optional = others.filter((name) => !required.includes(name));
        const proven = provable.filter((name) => optional.includes(name));
        const wanted = { ...WANTED, names: required, optional_names: optional };
        const ordered = {
          ...PRESENT,
          optional_names: optional,
          dns_names: [...required, ...proven].reverse(),
          provable_names: proven,
        };
        expect(reissueReason(ordered, wanted)).toBeNull();
        expect(reissueReason(ordered, wanted, [])).toBeNull();
        expect(reissueReason({ ...ordered, renewal_due: true }, wanted)).toBe("due");
        const appeared = optional.filter((name) => !proven.includes(name));
        const reason = appeared.length > 0 ? "optional names" : null;
        expect(reissueReason({ ...ordered, provable_names: optional }, wanted)).toBe(reason);
        expect(reissueReason(ordered, wanted, optional)).toBe(reason);
      }),
    );
  });
});

describe("an order that has failed", () => {
  it.each<[PlannedReason, boolean]>([
    [null, true],
    [UNKNOWN, false],
    ["due", true],
    ["optional names", true],
    ["directory", false],
    ["profile", false],
    ["chain", false],
    ["request", false],
    ["key", false],
    ["names", false],
  ])("GIVEN its reason is %o THEN it can wait: %s", (reason, expected) => {
    expect(canWait(reason)).toBe(expected);
  });
});
