import { describe, expect, it } from "vitest";
import type { CertificateValues } from "../../../../lib/cli/planned/planned-change";
import { dueIn, renewedBetween } from "../../../../lib/cli/renew/outcome/renewals";
import { undeployed } from "../../../../lib/cli/renew/policy/refusal";
import { plan, reissued } from "../support/plans";
import { facts } from "../support/runs";

describe("the renewals that are due", () => {
  const change = reissued("names");
  const refusals = [{ address: change.address, ...undeployed("its names would change") }];
  const dueBefore = (isDue: boolean) => ({
    ...change,
    before: { ...(change.before as CertificateValues), isDue },
  });

  it("GIVEN a certificate that is due THEN it has the name of its domain, or its own first one", () => {
    const due = plan({ changes: [reissued()] });
    expect(dueIn(due, [], facts({ "mail domain": [20, -1] }))).toEqual(["mail domain"]);
    expect(dueIn(due, [], null)).toEqual(["domain1.tld"]);
  });

  it("GIVEN one that is reissued for a reason that is refused THEN it waits only if it is due as well", () => {
    expect(dueIn(plan({ changes: [dueBefore(false)] }), refusals, null)).toEqual([]);
    expect(dueIn(plan({ changes: [dueBefore(true)] }), refusals, null)).toEqual(["domain1.tld"]);
  });

  it("GIVEN an optional name that can be validated now THEN it is renewed, though it is not due", () => {
    const optional = { ...dueBefore(false), address: "x.y" };
    expect(dueIn(plan({ changes: [optional] }), refusals, null)).toEqual(["domain1.tld"]);
  });

  it("GIVEN a certificate that stays, or a new one THEN it is not among them", () => {
    const changes = [reissued("due", { unknown: [] }), reissued("due", { before: null })];
    expect(dueIn(plan({ changes }), [], null)).toEqual([]);
  });
});

describe("the renewals that were made", () => {
  it("GIVEN facts before and after THEN they are those with another certificate; GIVEN none THEN that is not known", () => {
    const [before, after] = [facts({ "a.tld": [1, 1], "b.tld": [1, 1] }), facts({ "a.tld": [90, 60] })];
    const renewed = { ...after.certificates.get("a.tld"), fingerprintSha256: "1".repeat(64) } as never;
    expect(renewedBetween(before, { ...after, certificates: new Map([["a.tld", renewed]]) })).toEqual([
      "a.tld",
    ]);
    expect(renewedBetween(before, after)).toEqual([]);
    expect([renewedBetween(null, after), renewedBetween(before, null)]).toEqual([null, null]);
  });
});
