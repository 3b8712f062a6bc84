import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { textOf } from "./support/code-blocks";
import { Project } from "./support/project";

const PROGRAM = `
import { App, TerraformStack } from "cdktf";
import { AcmeIssuer, Challenge, Dovecot, MailHost, MailSni } from "cdktf-mail-sni";

const app = new App();
const stack = new TerraformStack(app, "mail");
const hosts = ["mx1", "mx2"].map((name) => MailHost.local(stack, name, { root: name, services: [Dovecot.v24()] }));
const issuer = AcmeIssuer.letsEncrypt(stack, "le", { challenge: Challenge.httpWebroot("/var/www/acme") });
const sni = new MailSni(stack, "sni", { hosts, issuer, defaultDomain: "domain1.tld" });
sni.addDomain("domain1.tld");
sni.addDomain("two-words.co.uk", { hosts: [hosts[1]] });
app.synth();
`;
const CA = "https://acme-v02.api.letsencrypt.org/directory";

describe("docs/state.md", () => {
  it("WHEN the script for a lost state runs THEN it writes an import block for all that is imported", () => {
    const [, script = ""] = /node >import\.tf <<'END'\n(.*?)^END$/ms.exec(textOf("docs/state.md")) ?? [];
    const project = new Project({});
    try {
      project.run({ code: PROGRAM, block: { marks: [] } } as never);
      const { stdout, stderr } = spawnSync(process.execPath, {
        cwd: join(project.directory, "cdktf.out/stacks/mail"),
        env: { ...process.env, IDENTITY: "d97cb775e4cae326", PEMS: "/root/lost" },
        input: script,
        encoding: "utf8",
      });
      expect(stderr).toBe("");
      const blocks = [...stdout.matchAll(/^import \{\n {2}to = (.*)\n {2}id = "(.*)"\n\}$/gm)];
      expect(Object.fromEntries(blocks.map(([, to, id]) => [to, id]))).toEqual({
        "mailsni_state_identity.this": "d97cb775e4cae326",
        ...certificate("c_domain1_tld", "domain1.tld"),
        ...certificate("c_two-words_co_uk", "two-words.co.uk"),
        "mailsni_host_files.base__mx1": "mx1/base",
        "mailsni_host_files.base__mx2": "mx2/base",
        "mailsni_host_files.default__mx1": "mx1/default",
        "mailsni_host_files.default__mx2": "mx2/default",
        "mailsni_host_files.d_domain1_tld__mx1": "mx1/domain1.tld",
        "mailsni_host_files.d_domain1_tld__mx2": "mx2/domain1.tld",
        "mailsni_host_files.d_two-words_co_uk__mx2": "mx2/two-words.co.uk",
      });
    } finally {
      project.remove();
    }
  });
});

function certificate(name: string, domain: string) {
  return {
    [`mailsni_acme_certificate.${name}`]: `${CA},/root/lost/${domain}.pem,/root/lost/${domain}.pem`,
  };
}
