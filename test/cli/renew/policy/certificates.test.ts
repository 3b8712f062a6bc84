import { describe, expect, it } from "vitest";
import { refusalsIn } from "../../../../lib/cli/renew/policy/policy";
import { mailSniProvider } from "../../../../lib/provider/mail-sni-provider";
import type { AttributeOptions } from "../../../../lib/provider/protocol/schema/schema";
import { plan, reissued, renewedCa } from "../support/plans";

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
