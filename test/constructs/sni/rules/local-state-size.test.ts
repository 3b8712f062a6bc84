import { LocalBackend, PgBackend, type TerraformStack } from "cdktf";
import { afterEach, describe, expect, it, vi } from "vitest";
import { HostNames, MailHost, MailSni, PrivateCa, SniRules } from "../../../../lib";
import { testStack } from "../../../support/synthesized";
import { quietServices } from "../support/declare";
import { said } from "../support/said";
import { tableOf } from "../support/table-of";

/** Two for each domain, and four beside them: identity, CA, and two of the host. */
const [DOMAINS_OF_300, DOMAINS_OF_302] = [148, 149];

describe("SNI016: Terraform's local backend, and many resources", () => {
  afterEach(() => vi.unstubAllEnvs());

  function declare(stack: TerraformStack, domains: number): TerraformStack {
    const sni = new MailSni(stack, "sni", {
      hosts: [MailHost.local(stack, "mx1", { root: "./out/mx1", services: quietServices() })],
      issuer: new PrivateCa(stack, "ca"),
      defaultDomain: "domain0.tld",
    });
    SniRules.of(stack).acknowledge("SNI006", "DNS has these.");
    for (let n = 0; n < domains; n++)
      sni.addDomain(`domain${n}.tld`, { names: HostNames.of(`domain${n}.tld`) });
    return stack;
  }

  function local(domains: number): TerraformStack {
    const stack = testStack();
    new LocalBackend(stack, { path: "terraform.tfstate" });
    return declare(stack, domains);
  }

  it("GIVEN more than 300 resources THEN it advises another backend, with their number", () => {
    expect(said(local(DOMAINS_OF_302)).warnings).toEqual([
      expect.stringMatching(/^stack: The stack stack has 302 resources, .*PgBackend.*\[SNI016\]$/),
    ]);
  });

  it("GIVEN 300 THEN it says nothing", () => {
    expect(said(local(DOMAINS_OF_300)).warnings).toEqual([]);
  });

  it("GIVEN another backend THEN it says nothing", () => {
    const stack = testStack();
    new PgBackend(stack, { connStr: "" });
    expect(said(declare(stack, DOMAINS_OF_302)).warnings).toEqual([]);
  });

  it("GIVEN OpenTofu THEN it says nothing, and the table has an acknowledged one all the same", () => {
    vi.stubEnv("TERRAFORM_BINARY_NAME", "/opt/bin/tofu");
    expect(said(local(DOMAINS_OF_302)).warnings).toEqual([]);

    const { json } = tableOf((stack) => {
      new LocalBackend(stack, { path: "terraform.tfstate" });
      SniRules.of(declare(stack, DOMAINS_OF_302)).acknowledge("SNI016", "A deploy may take its time.");
    });
    expect(JSON.stringify(json)).toContain("the size of the local state of the stack mail");
  });
});
