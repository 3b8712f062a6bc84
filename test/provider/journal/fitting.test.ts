import { describe, expect, it } from "vitest";
import {
  fittingAccount,
  fittingCertificate,
  isExpired,
  isInState,
  isObsolete,
  type WantedAccount,
  type WantedCertificate,
} from "../../../lib/provider/journal/fitting";
import type { CertificateEntry } from "../../../lib/shared/journal/entry";
import { journaledAccount, journaledCertificate } from "../../shared/journal/support/entries";

const NOW = Date.parse("2026-11-30T19:00:00Z");
const LEAF = {
  fingerprint: "ff".repeat(32),
  notBefore: "2026-11-29T18:00:00Z",
  notAfter: "2027-02-27T18:00:00Z",
};
const PRIOR = { fingerprint: "ee".repeat(32), publicKey: "0b".repeat(32), notBefore: "2026-09-30T00:00:00Z" };

function wanted(more: Partial<WantedCertificate> = {}): WantedCertificate {
  return { ...journaledCertificate(), prior: null, reusedKey: null, ...more };
}

const fits = (entry: Partial<CertificateEntry>, question: Partial<WantedCertificate> = {}, now = NOW) =>
  fittingCertificate([journaledCertificate(entry)], wanted(question), now) !== undefined;

describe("fittingCertificate", () => {
  it("GIVEN a create, or an update that replaces the same certificate THEN the entry fits", () => {
    expect(fits({})).toBe(true);
    expect(fits({ order: "https://ca.test/order/1", leaf: LEAF })).toBe(true);
    expect(fits({ replaces: "a.b" }, { replaces: "a.b", prior: PRIOR })).toBe(true);
    expect(fits({ names: ["imap.a.test", "a.test"] })).toBe(true);
  });

  it.each<[string, Partial<WantedCertificate>]>([
    ["another stack", { stack: "other" }],
    ["another state", { state: "3333333333333333" }],
    ["a state without an identity", { state: null }],
    ["another CA", { directory: "https://other.test/dir" }],
    ["another account", { account: "other" }],
    ["more names", { names: ["a.test", "imap.a.test", "pop.a.test"] }],
    ["fewer names", { names: ["a.test"] }],
    ["another kind of key", { keyAlgorithm: "RSA-2048" }],
    ["another profile", { profile: "shortlived" }],
    ["another reissue", { reissue: "0c".repeat(32) }],
    ["another certificate to replace", { replaces: "a.b", prior: PRIOR }],
    ["a certificate with the key of before, which is another", { reusedKey: "0b".repeat(32), prior: PRIOR }],
  ])("GIVEN %s THEN the entry does not fit", (_, question) => {
    expect(fits({}, question)).toBe(false);
  });

  it("GIVEN no identity of the state THEN the folder decides", () => {
    expect(fits({ state: null }, { state: null })).toBe(true);
    expect(fits({ state: null }, { state: null, place: "4444444444444444" })).toBe(false);
    expect(fits({}, { place: "4444444444444444" })).toBe(true);
  });

  it("GIVEN a certificate that is due, or has expired THEN the entry does not fit", () => {
    expect(fits({ leaf: LEAF }, {}, Date.parse("2027-01-28T17:00:00Z"))).toBe(true);
    expect(fits({ leaf: LEAF }, {}, Date.parse("2027-01-28T19:00:00Z"))).toBe(false);
    expect(fits({ leaf: LEAF }, {}, Date.parse("2027-03-01T00:00:00Z"))).toBe(false);
  });

  it("GIVEN no certificate for more than a week THEN the entry does not fit", () => {
    expect(fits({}, {}, NOW + 5 * 86_400_000)).toBe(true);
    expect(fits({}, {}, NOW + 7 * 86_400_000)).toBe(false);
  });

  it("GIVEN a certificate that the state has, an older one, or its key THEN the entry does not fit", () => {
    const question = { replaces: "a.b", prior: PRIOR };
    const entry = { replaces: "a.b" };
    expect(fits({ ...entry, leaf: { ...LEAF, fingerprint: PRIOR.fingerprint } }, question)).toBe(false);
    expect(fits({ ...entry, leaf: { ...LEAF, notBefore: "2026-09-29T00:00:00Z" } }, question)).toBe(false);
    expect(fits({ ...entry, begunAt: "2026-09-29T00:00:00Z" }, question)).toBe(false);
    expect(fits({ ...entry, publicKey: PRIOR.publicKey }, question)).toBe(false);
  });

  it("GIVEN a certificate that keeps its key THEN only an entry with that key fits", () => {
    const question = { replaces: "a.b", prior: PRIOR, reusedKey: PRIOR.publicKey };
    expect(fits({ replaces: "a.b", publicKey: PRIOR.publicKey, reusesKey: true }, question)).toBe(true);
    expect(fits({ replaces: "a.b" }, question)).toBe(false);
  });

  it("GIVEN several THEN it is the newest", () => {
    const [older, newer] = [
      journaledCertificate({ id: "00000000000000a1" }),
      journaledCertificate({ id: "00000000000000a2", begunAt: "2026-11-29T19:00:01Z" }),
    ];
    expect(fittingCertificate([older, newer, journaledAccount()], wanted(), NOW)).toBe(newer);
  });
});

describe("fittingAccount", () => {
  const { stack, state, place, workspace, directory } = journaledAccount();
  const question: WantedAccount = { stack, state, place, workspace, directory, externalAccount: null };

  it("GIVEN the same stack, state, CA and external account THEN the entry fits, and otherwise not", () => {
    const fits = (more: Partial<WantedAccount>, now = NOW) =>
      fittingAccount([journaledCertificate(), journaledAccount()], { ...question, ...more }, now) !==
      undefined;
    expect(fits({})).toBe(true);
    expect(fits({ stack: "other" })).toBe(false);
    expect(fits({ state: "3333333333333333" })).toBe(false);
    expect(fits({ directory: "https://other.test/dir" })).toBe(false);
    expect(fits({ externalAccount: "id" })).toBe(false);
    expect(fits({}, NOW + 7 * 86_400_000)).toBe(false);
  });
});

describe("isInState", () => {
  const saved = { fingerprint: LEAF.fingerprint, publicKey: "0a".repeat(32), account: null };

  it("GIVEN the leaf THEN it decides, and otherwise the key, unless the certificate before has it too", () => {
    expect(isInState(journaledCertificate({ leaf: LEAF }), saved)).toBe(true);
    expect(
      isInState(journaledCertificate({ leaf: LEAF }), { ...saved, fingerprint: PRIOR.fingerprint }),
    ).toBe(false);
    expect(isInState(journaledCertificate(), saved)).toBe(true);
    expect(isInState(journaledCertificate({ reusesKey: true }), saved)).toBe(false);
    expect(isInState(journaledCertificate(), { ...saved, publicKey: "0b".repeat(32) })).toBe(false);
  });

  it("GIVEN an account THEN its key decides", () => {
    const account = { fingerprint: null, publicKey: null, account: "thumbprint" };
    expect(isInState(journaledAccount(), account)).toBe(true);
    expect(isInState(journaledAccount(), { ...account, account: "other" })).toBe(false);
    expect(isInState(journaledCertificate(), account)).toBe(false);
  });
});

describe("isExpired", () => {
  it("GIVEN a certificate THEN its end decides, and otherwise a week", () => {
    expect(isExpired(journaledCertificate({ leaf: LEAF }), Date.parse(LEAF.notAfter) - 1)).toBe(false);
    expect(isExpired(journaledCertificate({ leaf: LEAF }), Date.parse(LEAF.notAfter))).toBe(true);
    expect(isExpired(journaledCertificate(), NOW)).toBe(false);
    expect(isExpired(journaledAccount(), NOW + 7 * 86_400_000)).toBe(true);
  });
});

describe("isObsolete", () => {
  const saved = (notBefore: string) => ({ ...wanted(), notBefore });
  const [BEFORE, AFTER] = ["2026-11-29T17:59:59Z", "2026-11-29T19:00:01Z"];

  it("GIVEN a later certificate in the state THEN an entry for the same is obsolete, with a certificate or without", () => {
    expect(isObsolete(journaledCertificate({ leaf: LEAF }), saved(AFTER))).toBe(true);
    expect(isObsolete(journaledCertificate(), saved(AFTER))).toBe(true);
    expect(
      isObsolete(journaledCertificate({ replaces: "a.b", reissue: "0c".repeat(32) }), saved(AFTER)),
    ).toBe(true);
  });

  it("GIVEN an earlier certificate in the state THEN the entry of its renewal is not", () => {
    expect(isObsolete(journaledCertificate({ leaf: LEAF }), saved(BEFORE))).toBe(false);
    expect(isObsolete(journaledCertificate({ leaf: LEAF }), saved(LEAF.notBefore))).toBe(false);
    expect(isObsolete(journaledCertificate(), saved(BEFORE))).toBe(false);
  });

  it.each<[string, Partial<CertificateEntry>]>([
    ["of another state", { state: "3333333333333333" }],
    ["of another stack", { stack: "other" }],
    ["for other names", { names: ["b.test"] }],
    ["for another kind of key", { keyAlgorithm: "RSA-2048" }],
    ["for another profile", { profile: "shortlived" }],
    ["of another CA", { directory: "https://other.test/dir" }],
  ])("GIVEN an entry %s THEN it is not", (_, more) => {
    expect(isObsolete(journaledCertificate({ ...more, leaf: LEAF }), saved(AFTER))).toBe(false);
  });

  it("GIVEN an account THEN it is not", () => {
    expect(isObsolete(journaledAccount(), saved(AFTER))).toBe(false);
  });

  it("GIVEN any entry that had expired when the certificate was issued THEN it is", () => {
    const other = journaledCertificate({ stack: "other", names: ["b.test"] });
    const [inAWeek, later] = ["2026-12-06T19:00:00Z", "2026-12-06T19:00:01Z"];
    for (const entry of [other, journaledAccount()]) {
      expect(isObsolete(entry, saved(inAWeek))).toBe(false);
      expect(isObsolete(entry, saved(later))).toBe(true);
    }
    expect(isObsolete({ ...other, leaf: LEAF }, saved(later))).toBe(false);
    expect(isObsolete({ ...other, leaf: LEAF }, saved(LEAF.notAfter))).toBe(true);
  });
});
