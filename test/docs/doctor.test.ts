import { chmodSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AcmeDirectoryServer } from "../cli/doctor/support/acme-directory-server";
import { DoctorProject } from "../cli/doctor/support/doctor-project";
import { DnsServer } from "../support/dns-server";
import { sshd } from "../support/machine";
import { describeIf } from "../support/requirements";
import { SshServer } from "../support/ssh-server";
import { codeBlocks, textOf } from "./support/code-blocks";
import { CHECKS } from "./support/doctor-checks";

const PAGE = "docs/doctor.md";

describe(PAGE, () => {
  let project: DoctorProject;
  beforeEach(() => {
    project = new DoctorProject();
  });
  afterEach(() => project.remove());

  it("THEN its table has every check as the command defines it", () => {
    const rows = textOf(PAGE).match(/^\| `[a-z-]+` \| .* \| .* \|$/gm);
    expect(rows).toEqual(CHECKS.map(({ id, looksAt, reports }) => `| \`${id}\` | ${looksAt} | ${reports} |`));
  });

  it("THEN no two checks have the same name", () => {
    expect(new Set(CHECKS.map(({ id }) => id)).size).toBe(CHECKS.length);
  });

  it("THEN its first screen is what the command prints", async () => {
    project.program("terraform", `echo '{"terraform_version": "1.10.5"}'`);
    project.write(".terraformrc", "provider_installation {\n  direct {}\n}\n");
    chmodSync(project.write("state/mail.tfstate", "{}"), 0o644);
    const { out } = await project.doctor([], { TERRAFORM_BINARY_NAME: "terraform" });
    const [screen] = codeBlocks(PAGE).filter(({ language }) => language === "text");
    expect(out.replaceAll(project.directory, "/srv/mail").trim()).toBe(screen?.code.trim());
  });
});

describeIf(sshd, `${PAGE}, of hosts and names`, () => {
  let project: DoctorProject;
  let server: SshServer;
  let ca: AcmeDirectoryServer;
  let dns: DnsServer;
  beforeEach(async () => {
    project = new DoctorProject();
    const zone = new Map([
      ["A domain1.tld", ["192.0.2.1"]],
      ["CAA domain1.tld", ["0 issue other.example"]],
    ]);
    [server, ca, dns] = await Promise.all([
      SshServer.start(),
      AcmeDirectoryServer.start(),
      DnsServer.authority(zone, "127.0.0.1"),
    ]);
    ca.document = { newOrder: ca.url, meta: { caaIdentities: ["letsencrypt.org"] } };
  });
  afterEach(async () => {
    dns.close();
    ca.close();
    await server.stop();
    project.remove();
  });

  it("THEN its second screen is what the command prints", async () => {
    const { address, identityFile } = server;
    const host = {
      address,
      identity_file: identityFile,
      ssh_config_file: server.file("ssh_config", ""),
      known_hosts_file: "/dev/null",
    };
    const certificate = {
      directory_url: ca.url,
      directory_ca_pem: ca.rootPem,
      names: ["domain1.tld", "imap.domain1.tld"],
      challenge: { webroot: "/var/www/acme", dns_servers: [`127.0.0.1:${dns.port}`] },
    };
    project.declare({
      provider: { mailsni: [{ stack: "mail", hosts: { mx1: host } }] },
      resource: { mailsni_acme_certificate: { c_domain1_tld: certificate } },
    });
    const { out } = await project.doctor();
    const [, screen] = codeBlocks(PAGE).filter(({ language }) => language === "text");
    const shown = [
      [address, "root@mx1.domain1.tld"],
      [`[127.0.0.1]:${server.port}`, "mx1.domain1.tld"],
      [server.fingerprint, "ssh-ed25519 SHA256:4dW6…"],
      [server.hostKey, "ssh-ed25519 AAAAC3Nz…"],
      ["/dev/null", "/etc/mail-sni/known_hosts"],
    ].reduce((text, [from, to]) => text.replaceAll(from as string, to as string), out);
    expect(shown.trim()).toBe(screen?.code.trim());
  });
});
