import { X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { TrustStore } from "../../../../lib/cli/verify/chain/trust-store";
import { certificateFindings } from "../../../../lib/cli/verify/judgement/certificate-findings";
import { type IssuedCertificate, issue, withoutDate } from "../../../support/certificates";

const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS);
const YEAR = { notBefore: inDays(-30), notAfter: inDays(335) };

describe("a chain that a trusted CA has signed, in which a date is invalid", () => {
  let root: IssuedCertificate;
  let intermediate: IssuedCertificate;
  let leaf: IssuedCertificate;
  let expired: IssuedCertificate;

  beforeAll(async () => {
    root = await issue({ subject: "CN=Root", ca: true, ...YEAR });
    intermediate = await issue({ subject: "CN=Intermediate", issuer: root, ca: true, ...YEAR });
    leaf = await issue({ subject: "CN=domain1.tld", issuer: intermediate, ...YEAR });
    expired = await issue({
      subject: "CN=domain1.tld",
      issuer: intermediate,
      notBefore: inDays(-90),
      notAfter: inDays(-2),
    });
  });

  function found(...pems: [string, ...string[]]): [code: string, problem: string][] {
    const trust = new TrustStore([new X509Certificate(root.pem)]);
    const [first, ...others] = pems.map((pem) => new X509Certificate(pem)) as [X509Certificate];
    return certificateFindings([first, ...others], { trust, at: new Date() }).map(
      ({ severity, code, problem }) => [`${severity} ${code}`, problem],
    );
  }

  it.each(["notBefore", "notAfter"] as const)("GIVEN a leaf without %s THEN that is an error", (end) => {
    expect(found(withoutDate(leaf, end, intermediate), intermediate.pem)).toEqual([
      ["error VERIFY_DATES_UNREADABLE", expect.stringContaining("CN=domain1.tld")],
    ]);
  });

  it.each(["notBefore", "notAfter"] as const)(
    "GIVEN an intermediate without %s THEN that is an error, and an expired leaf is one still",
    (end) => {
      expect(found(expired.pem, withoutDate(intermediate, end, root))).toEqual([
        ["error VERIFY_DATES_UNREADABLE", expect.stringContaining("CN=Intermediate")],
        ["error VERIFY_EXPIRED", expect.stringContaining("CN=domain1.tld")],
      ]);
    },
  );
});
