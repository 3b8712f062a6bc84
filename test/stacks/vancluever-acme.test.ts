import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cdktfGet } from "../../build/cdktf-get";
import { mustRun } from "../support/commands";
import { type Json, providerDirectory } from "../support/synthesized";
import { acmeProviderSchema } from "./support/acme-provider-schema";

const ROOT = resolve(__dirname, "../..");
const EXAMPLE = "stacks/vancluever-acme";

describe("the example with vancluever/acme", () => {
  let directory: string;
  let project: string;
  let stack: Json;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "mail-sni-example-"));
    project = join(directory, EXAMPLE);
    cpSync(join(ROOT, EXAMPLE), project, {
      recursive: true,
      filter: (path) => !/\/(\.gen|cdktf\.out)$/.test(path),
    });
    for (const name of ["lib", "node_modules"]) symlinkSync(join(ROOT, name), join(directory, name));
    cdktfGet(project, [
      {
        name: "acme",
        version: "~> 3.2",
        source: "registry.terraform.io/vancluever/acme",
        schema: acmeProviderSchema,
      },
    ]);
    const { app } = JSON.parse(readFileSync(join(project, "cdktf.json"), "utf8"));
    const context = { "mail-sni:provider-directory": providerDirectory() };
    await mustRun(["sh", "-c", app], {
      cwd: project,
      env: {
        CDKTF_OUTDIR: join(project, "cdktf.out"),
        CDKTF_CONTEXT_JSON: JSON.stringify(context),
      },
    });
    stack = JSON.parse(readFileSync(join(project, "cdktf.out/stacks/vancluever-acme/cdk.tf.json"), "utf8"));
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it("has what the other provider issues sent to the hosts, by references alone", () => {
    const issued = "acme_certificate.domain2_tld";
    const files = stack.resource.mailsni_host_files.d_domain2_tld__mx1;
    const expected = ["private_key_pem", "certificate_pem", "issuer_pem"]
      .map((output) => `\${chomp(${issued}.${output})}\n`)
      .join("");
    expect(new Set(Object.values(files.secrets))).toEqual(new Set([expected]));
    expect(JSON.stringify(stack)).not.toContain("BEGIN");
    expect(stack.terraform.required_providers).toMatchObject({
      acme: { source: "vancluever/acme" },
      mailsni: { source: expect.stringContaining("mailsni") },
    });
  });

  it("orders what is served, and never takes away what is served before its successor is there", () => {
    const { domain1_tld } = stack.resource.acme_certificate;
    const { acme_registration } = stack.resource;
    expect(domain1_tld).toMatchObject({
      account_key_pem: "${acme_registration.account.account_key_pem}",
      common_name: "domain1.tld",
      key_type: "P256",
      dns_challenge: [{ provider: "route53" }],
      revoke_certificate_on_destroy: false,
      lifecycle: { create_before_destroy: true },
    });
    expect(acme_registration.account.lifecycle).toMatchObject({ prevent_destroy: true });
    const ordered = [domain1_tld.common_name, ...domain1_tld.subject_alternative_names];
    expect(ordered.sort()).toEqual([...stack.resource.mailsni_host_files.d_domain1_tld__mx1.names].sort());
  });

  it("has each domain's own certificate in the table", () => {
    const table = readFileSync(join(project, "sni-table.md"), "utf8");
    for (const domain of ["domain1.tld", "domain2.tld"]) {
      expect(table).toContain(`| \`imap.${domain}\` | ${domain} | ${domain} |`);
    }
  });
});
