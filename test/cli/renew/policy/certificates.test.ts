import { describe, expect, it } from "vitest";
import type { PlannedChange } from "../../../../lib/cli/planned/planned-change";
import { refusalsIn } from "../../../../lib/cli/renew/policy/policy";
import { mailSniProvider } from "../../../../lib/provider/mail-sni-provider";
import type { AttributeOptions } from "../../../../lib/provider/protocol/schema/schema";
import { CA, issuedBy, ofRenewedCa, PRIVATE, plan, reissued, renewedCa } from "../support/plans";

const { resources } = mailSniProvider();

/** The attributes that only the provider sets; the others are configuration. */
function outputsOf(type: string): string[] {
  const attributes: Readonly<Record<string, AttributeOptions>> = resources[type]?.schema.attributes ?? {};
  return Object.entries(attributes).flatMap(([name, { computed, optional }]) =>
    computed && !optional ? [name] : [],
  );
}

function inputsOf(type: string): string[] {
  return Object.keys(resources[type]?.schema.attributes ?? {}).filter(
    (name) => !outputsOf(type).includes(name),
  );
}

// With a list of its own, an output that the provider gets later would stop all renewals.
describe("a renewal, by the provider's schema", () => {
  const CERTIFICATES = ["mailsni_acme_certificate", "mailsni_private_certificate"];

  it.each(CERTIFICATES)("GIVEN %s WHEN it is due THEN all of its outputs may change", (type) => {
    const changed = outputsOf(type);
    expect(changed).toContain("certificate_pem");
    expect(refusalsIn(plan({ changes: [reissued("due", { type, changed })] }))).toEqual([]);
  });

  it.each(CERTIFICATES)("GIVEN %s WHEN it is due THEN none of its inputs may change", (type) => {
    for (const input of inputsOf(type)) {
      const changes = [reissued("due", { type, changed: ["certificate_pem", input] })];
      expect(refusalsIn(plan({ changes })), input).toHaveLength(1);
    }
  });

  it("GIVEN a private CA WHEN it is due THEN its outputs may change, but not its key, and no input", () => {
    const type = "mailsni_private_ca";
    const refused = [...outputsOf(type), ...inputsOf(type)].filter(
      (name) => refusalsIn(plan({ changes: [renewedCa({ changed: ["certificate_pem", name] })] })).length > 0,
    );
    expect(refused.sort()).toEqual([...inputsOf(type), "private_key_pem"].sort());
  });
});

describe("a certificate whose CA is renewed", () => {
  const OTHER = "mailsni_private_ca.ca_other";
  const other = renewedCa({ address: OTHER, before: { kind: "private CA", identity: "other" } });
  const refused = (references: readonly string[], changes: readonly PlannedChange[]) =>
    refusalsIn(plan({ changes, caReferences: new Map([[PRIVATE, references]]) }));
  const to = (ca: string) => [`${ca}.certificate_pem`, ca];
  const MOVED = [{ address: PRIVATE, problem: "its ca_certificate_pem would change", cause: "undeployed" }];

  it("GIVEN the CA that has issued it THEN it may be issued again, with count and for_each too", () => {
    expect(refused(to(CA), [renewedCa(), ofRenewedCa()])).toEqual([]);
    const [ca, address] = [`${CA}["a"]`, `${PRIVATE}["b[0]"]`];
    const instances = [renewedCa({ address: ca }), ofRenewedCa({ address })];
    expect(refused([`${ca}.certificate_pem`, ca, CA], instances)).toEqual([]);
  });

  it("GIVEN two CAs that are renewed WHEN it is moved from one to the other THEN it is refused", () => {
    expect(refused(to(OTHER), [renewedCa(), other, ofRenewedCa()])).toEqual(MOVED);
    expect(refused(to(CA), [renewedCa(), other, ofRenewedCa({ before: issuedBy("other") })])).toEqual(MOVED);
  });

  it("GIVEN another CA that is renewed WHEN it is moved there THEN it is refused", () => {
    expect(refused(to(OTHER), [other, ofRenewedCa()])).toEqual(MOVED);
  });

  it.each<[string, readonly string[]]>([
    ["one of two CAs", [...to(CA), ...to(OTHER)]],
    ["a condition", [...to(CA), "var.is_new"]],
    ["a key that is an expression", [CA, "each.key"]],
    ["another attribute", [`${CA}.fingerprint_sha256`, CA]],
    ["a CA with a longer name", to(`${CA}_2`)],
    ["nothing that is known, as in a module", []],
  ])("GIVEN an expression that has %s THEN it is refused", (_, references) => {
    expect(refused(references, [renewedCa(), other, ofRenewedCa()])).toEqual(MOVED);
  });

  it("GIVEN a CA that cannot be read in the state THEN it is refused", () => {
    const unreadable = renewedCa({ before: { kind: "private CA", identity: null } });
    expect(refused(to(CA), [unreadable, ofRenewedCa({ before: issuedBy(null) })])).toEqual(MOVED);
  });

  it("GIVEN a CA that an earlier apply has renewed THEN what that apply did not come to may be issued; not by another CA", () => {
    const left = ofRenewedCa({
      unknown: ["certificate_pem"],
      after: { ...issuedBy("one"), reissueReason: "ca" },
    });
    expect(refused(to(CA), [left])).toEqual([]);
    const moved = { ...left, after: { ...issuedBy("other"), reissueReason: "ca" } };
    expect(refused(to(CA), [moved])).toEqual(MOVED);
  });

  it("GIVEN other names as well THEN it is refused", () => {
    const named = ofRenewedCa({ changed: [...ofRenewedCa().changed, "names"] });
    expect(refused(to(CA), [renewedCa(), named])).toMatchObject([{ problem: "its names would change" }]);
  });
});
