import { TerraformOutput, TerraformResource } from "cdktf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkId, duplicateAddresses, logicalId } from "../../../lib/constructs/bindings/addresses";
import { testStack } from "../../support/synthesized";

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,3}[a-z0-9])?$/);
const dotted = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join("."));

describe("logicalId", () => {
  it("is one that Terraform takes", () => {
    fc.assert(
      fc.property(dotted, dotted, (domain, host) => {
        expect(logicalId.domain(domain, checkId("a host", host))).toMatch(/^[a-z_][a-z0-9_-]*$/);
      }),
    );
  });

  it("never is the same for two domains, or hosts", () => {
    fc.assert(
      fc.property(dotted, dotted, dotted, dotted, (domain, host, otherDomain, otherHost) => {
        const isSame = domain === otherDomain && host === otherHost;
        expect(logicalId.domain(domain, host) === logicalId.domain(otherDomain, otherHost)).toBe(isSame);
      }),
      { numRuns: 1000 },
    );
  });

  it("never is the same for two files of staging trees", () => {
    const path = fc.stringMatching(/^(\/[ab2d._~-]{1,4}){1,2}$/);
    fc.assert(
      fc.property(dotted, dotted, path, path, (host, otherHost, one, other) => {
        const id = logicalId.stagedFile(checkId("a host", host), one);
        expect(id).toMatch(/^[a-z_][a-z0-9_-]*$/);
        const isSame = host === otherHost && one === other;
        expect(id === logicalId.stagedFile(otherHost, other)).toBe(isSame);
        expect(id === logicalId.stagedFile(host, other)).toBe(one === other);
      }),
      { numRuns: 5000 },
    );
  });

  it("tells the path of a staged file to a reader", () => {
    const path = "/var/qmail/control/servercerts/imap.my-domain.tld/servercert.pem";
    expect(logicalId.stagedFile("mx1.example.org", path)).toBe(
      "f_mx1_example_org__var__qmail__control__servercerts__imap_my-domain_tld__servercert_pem",
    );
  });

  it("keeps apart what cdktf would not", () => {
    expect(logicalId.certificate("a.bc.com")).not.toBe(logicalId.certificate("ab.c.com"));
  });
});

describe("checkId", () => {
  it.each(["mx1", "mx1.example.org", "MX-1"])("takes %s", (id) => {
    expect(checkId("a host", id)).toBe(id);
  });

  it.each(["", "mail_host", "mx..1", ".mx", "mx.", "-mx", "mx 1", "mx/1", "é"])("refuses %j", (id) => {
    expect(() => checkId("a host", id)).toThrow(expect.objectContaining({ code: "ID_INVALID" }));
  });
});

describe("duplicateAddresses", () => {
  it("names both of two resources with one address, which cdktf would merge", () => {
    const stack = testStack();
    for (const id of ["one", "other"]) {
      new TerraformResource(stack, id, { terraformResourceType: "terraform_data" }).overrideLogicalId("same");
    }

    expect(duplicateAddresses(stack)).toEqual([
      expect.stringMatching(/terraform_data\.same.*stack\/one.*stack\/other.*\[SNI003\]/),
    ]);
  });

  it("GIVEN an output with the name of the library's own THEN it is named, too", () => {
    const stack = testStack();
    new TerraformOutput(stack, "one", { value: 1 }).overrideLogicalId("mail_sni");
    new TerraformOutput(stack, "mail_sni", { value: 2 });

    expect(duplicateAddresses(stack)).toEqual([
      expect.stringMatching(/output\.mail_sni.*stack\/one.*stack\/mail_sni.*\[SNI003\]/),
    ]);
  });

  it("lets one id of two types pass", () => {
    const stack = testStack();
    for (const type of ["terraform_data", "null_resource"]) {
      new TerraformResource(stack, type, { terraformResourceType: type }).overrideLogicalId("same");
    }

    expect(duplicateAddresses(stack)).toEqual([]);
  });
});
