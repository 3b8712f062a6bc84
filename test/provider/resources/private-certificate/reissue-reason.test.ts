import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../../lib/provider/protocol/values/unknown";
import { reissueReason } from "../../../../lib/provider/resources/private-certificate/reissue-reason";
import type { PlannedReason } from "../../../../lib/provider/resources/reissue-reason";

type Present = Parameters<typeof reissueReason>[0];
type Wanted = Parameters<typeof reissueReason>[1] & Parameters<typeof reissueReason>[2];

const WANTED: Wanted = {
  ca_certificate_pem: "the CA",
  names: ["a.test", "www.a.test", "mx.a.test"],
  key_algorithm: "ECDSA-P256",
  validity_hours: 2160,
  renew_before_hours: 720,
};

const PRESENT: Present = {
  ca_certificate_pem: "the CA",
  chain_pem: "the CA's PEM",
  names: ["a.test", "www.a.test", "mx.a.test"],
  key_algorithm: "ECDSA-P256",
  validity_hours: 2160,
  renew_before_hours: 720,
  not_before: null,
  not_after: null,
  renew_at: null,
  renewal_due: false,
};

interface Case {
  readonly what: string;
  readonly wanted?: Partial<Wanted>;
  readonly present?: Partial<Present>;
  readonly reason: PlannedReason;
}

const CASES: readonly Case[] = [
  { what: "nothing else", reason: null },
  { what: "another CA", wanted: { ca_certificate_pem: "another CA" }, reason: "ca" },
  { what: "a CA that is unknown yet", wanted: { ca_certificate_pem: UNKNOWN }, reason: UNKNOWN },
  { what: "another kind of key", wanted: { key_algorithm: "RSA-2048" }, reason: "key" },
  { what: "a kind of key that is unknown yet", wanted: { key_algorithm: UNKNOWN }, reason: UNKNOWN },
  { what: "another validity", wanted: { validity_hours: 100 }, reason: "validity" },
  { what: "another time to renew", wanted: { renew_before_hours: 100 }, reason: null },
  { what: "one name less", wanted: { names: ["a.test", "mx.a.test"] }, reason: "names" },
  { what: "another first name", wanted: { names: ["mx.a.test", "www.a.test", "a.test"] }, reason: "names" },
  { what: "another order behind it", wanted: { names: ["A.test", "mx.a.test", "www.a.test"] }, reason: null },
  { what: "names that are unknown yet", wanted: { names: ["a.test", UNKNOWN] }, reason: UNKNOWN },
  { what: "a renewal that is due", present: { renewal_due: true }, reason: "due" },
  {
    what: "a renewal that is due, of a certificate with other names",
    wanted: { names: ["a.test"] },
    present: { renewal_due: true },
    reason: "names",
  },
  {
    what: "a renewal that is due, and a CA that is unknown yet",
    wanted: { ca_certificate_pem: UNKNOWN },
    present: { renewal_due: true },
    reason: UNKNOWN,
  },
];

describe("the reason to reissue a certificate of a private CA", () => {
  it.each(CASES.map((each) => [each.what, String(each.reason), each] as const))(
    "GIVEN %s THEN it is %s",
    (_, __, { wanted, present, reason }) => {
      const configured = { ...WANTED, ...wanted };
      expect(reissueReason({ ...PRESENT, ...present }, configured, configured)).toBe(reason);
    },
  );
});
