import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { HostNames, MailSni, PrivateCa } from "../../../lib";
import { ran } from "../../cli/support/ran";
import { QmailHost } from "../../e2e/served/qmail-host";
import { runCommand } from "../../support/commands";
import { engineUnderTest, requireEngine } from "../../support/engine-under-test";
import { fileTree } from "../../support/file-tree";
import { describeIf, faketime } from "../../support/requirements";
import { StackProject } from "../../support/stack-project";

const DAY_HOURS = 24;

describeIf([engineUnderTest, faketime], "mail-sni renew with a private CA", () => {
  let host: QmailHost;
  let project: StackProject;

  beforeAll(async () => {
    host = await QmailHost.start();
    project = await StackProject.create(requireEngine());
    declare();
    expect(await project.apply()).toMatchObject({ exitCode: 0 });
    writeFileSync(join(project.directory, "cdktf.json"), "{}");
  });
  afterAll(async () => {
    project?.remove();
    await host?.stop();
  });

  /** Both CAs are due after 300 days, their certificates after 60. */
  function declare({ commonName = "one", service = host.service, secondOf = "other" } = {}): void {
    project.synth((stack) => {
      const ca = (id: string) =>
        new PrivateCa(stack, id, {
          commonName: id === "ca" ? commonName : id,
          validityHours: 400 * DAY_HOURS,
          renewBeforeHours: 100 * DAY_HOURS,
          certificates: { validityHours: 90 * DAY_HOURS, renewBeforeHours: 30 * DAY_HOURS },
        });
      const issuers = new Map(["ca", "other"].map((id) => [id, ca(id)]));
      const sni = new MailSni(stack, "sni", {
        hosts: [host.declare(stack, service)],
        issuer: issuers.get("ca"),
        defaultDomain: "domain1.tld",
      });
      sni.addDomain("domain1.tld", { names: HostNames.of("domain1.tld") });
      sni.addDomain("domain2.tld", { names: HostNames.of("domain2.tld"), issuer: issuers.get(secondOf) });
    });
  }

  /**
   * The engine runs so many days later. The certificates are not valid yet then, so hosts are not asked.
   *
   * @param before what a shell does first; `$1` is the subcommand
   */
  function renewIn(days: number, before = "") {
    const engine = engineIn(days, before);
    return ran(["renew", "--project", project.directory, "--engine", engine, "--no-verify"], {
      environment: process.env,
    });
  }

  function engineIn(days: number, before = ""): string {
    const engine = join(project.directory, "later.sh");
    const program = `faketime -f +${days}d ${requireEngine().executable}`;
    writeFileSync(engine, `#!/bin/sh\n${before}\nexec ${program} "$@"\n`);
    chmodSync(engine, 0o755);
    return engine;
  }

  it("GIVEN a directory that is missing on the host, with all that was in it THEN it comes back", async () => {
    const directory = host.path("control", "servercerts");
    expect(readdirSync(directory)).not.toEqual([]);
    rmSync(directory, { recursive: true });
    const { exitCode, out } = await renewIn(0);
    expect(out).toMatch(
      /^mail: applied: what was pending or missing on hosts is complete\. No renewal was due\.$/m,
    );
    expect(exitCode).toBe(0);
    expect(readdirSync(directory)).not.toEqual([]);
  });

  it("GIVEN files and links that are missing, and an apply that fails THEN the next run brings them back", async () => {
    const domain = host.path("control", "servercerts", "domain2.tld");
    const before = fileTree(domain);
    expect(Object.keys(before)).not.toEqual([]);
    rmSync(domain, { recursive: true });
    const entries = readFileSync(host.ledger, "utf8");
    const spoil = `[ "$1" != apply ] || printf 'No-Kind\\tof line\\t.\\n' >>'${host.ledger}'`;
    const failed = await renewIn(0, spoil);
    expect(failed.out).toMatch(/^mail: the apply failed\./m);
    expect(failed.out).toMatch(/^error {3}Host "mx1" cannot be used: .*ledger cannot be read/m);
    expect(failed.exitCode).toBe(1);
    expect(existsSync(domain)).toBe(false);

    writeFileSync(host.ledger, entries);
    const { exitCode, out } = await renewIn(0);
    expect(out).toMatch(/^mail: applied: what was pending or missing on hosts is complete\./m);
    expect(exitCode).toBe(0);
    expect(fileTree(domain)).toEqual(before);
    expect((await renewIn(0)).out).toMatch(/^mail: no renewal is due/);
  });

  it("GIVEN something else in the place of a file THEN it is refused, and left as it is", async () => {
    const file = host.path("control", "servercerts", "domain2.tld", "servercert.pem");
    const before = readFileSync(file, "utf8");
    rmSync(file);
    symlinkSync("own.pem", file);
    const { exitCode, out } = await renewIn(0);
    expect(out).toMatch(
      /servercert\.pem was replaced on the host by something else, which would be overwritten \(it was changed on the host\)$/m,
    );
    expect(exitCode).toBe(4);
    expect(readlinkSync(file)).toBe("own.pem");
    rmSync(file);
    writeFileSync(file, before);
    expect((await project.apply()).exitCode).toBe(0);
  });

  it("GIVEN certificates that are due THEN they are renewed", async () => {
    const { exitCode, out } = await renewIn(70);
    expect(out).toMatch(/^mail: 2 certificates renewed: domain1\.tld, domain2\.tld\.$/m);
    expect(exitCode).toBe(0);
  });

  it("GIVEN a host with another setting in the provider block, which no resource has THEN it is refused, until it is deployed", async () => {
    declare({ service: host.serviceWith({ endpoints: host.service.endpoints.slice(1) }) });
    const { exitCode, out } = await renewIn(0);
    expect(out).toContain(
      "refused output.mail_sni_hosts: the settings of mx1 would change, such as the address, the commands or the default domain (a change that is not deployed)",
    );
    expect(out).toContain("the plan has 1 change that");
    expect(exitCode).toBe(4);
    declare();
  });

  it("GIVEN two CAs that are due WHEN a certificate is moved from one to the other THEN it is refused", async () => {
    declare({ secondOf: "ca" });
    const { exitCode, out } = await renewIn(310);
    expect(out).toContain("the plan has 1 change that");
    expect(out).toContain(
      "refused mailsni_private_certificate.c_domain2_tld: its ca_certificate_pem would change (a change that is not deployed)",
    );
    expect(out).toMatch(/^Due, and not renewed because of this: domain1\.tld, domain2\.tld\.$/m);
    expect(exitCode).toBe(4);
    declare();
  });

  it("GIVEN CAs that are due THEN they are renewed with their certificates, and a warning says that clients need their roots", async () => {
    const { exitCode, out } = await renewIn(310);
    expect(out).toMatch(/^mail: 2 certificates renewed: domain1\.tld, domain2\.tld\.$/m);
    expect(out).toMatch(/^warning .*Every client that trusts this CA needs the new certificate_pem/m);
    expect(exitCode).toBe(0);
    expect((await renewIn(310)).out).toMatch(/^mail: no renewal is due/);
  });

  it("GIVEN an apply that ended after it had renewed a CA THEN the certificate of that CA is issued again", async () => {
    const args = ["apply", "-auto-approve", "-target=mailsni_private_ca.ca_ca"];
    await runCommand([engineIn(620), ...args], { cwd: join(project.directory, "cdktf.out/stacks/mail") });
    const { exitCode, out } = await renewIn(620);
    expect(out).toMatch(/^mail: 2 certificates renewed: domain1\.tld, domain2\.tld\.$/m);
    expect(exitCode).toBe(0);
  });

  it("GIVEN a CA with another name THEN it is refused, and so are its certificates", async () => {
    declare({ commonName: "two" });
    const { exitCode, out } = await renewIn(620);
    expect(out).toContain(
      "refused mailsni_private_ca.ca_ca: its common_name would change (a change that is not deployed)",
    );
    expect(exitCode).toBe(4);
  });
});
