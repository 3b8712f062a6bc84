import { chmodSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { HostNames, MailSni, PrivateCa } from "../../../lib";
import { ran } from "../../cli/support/ran";
import { engineUnderTest, requireEngine } from "../../support/engine-under-test";
import { describeIf, faketime } from "../../support/requirements";
import { StackProject } from "../../support/stack-project";
import { QmailHost } from "../served/qmail-host";

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

  /** The CA is due after 300 days, its certificates after 60. */
  function declare(commonName = "one", service = host.service): void {
    project.synth((stack) => {
      const issuer = new PrivateCa(stack, "ca", {
        commonName,
        validityHours: 400 * DAY_HOURS,
        renewBeforeHours: 100 * DAY_HOURS,
        certificates: { validityHours: 90 * DAY_HOURS, renewBeforeHours: 30 * DAY_HOURS },
      });
      const sni = new MailSni(stack, "sni", {
        hosts: [host.declare(stack, service)],
        issuer,
        defaultDomain: "domain1.tld",
      });
      for (const domain of ["domain1.tld", "domain2.tld"])
        sni.addDomain(domain, { names: HostNames.of(domain) });
    });
  }

  /** The engine runs so many days later. The certificates are not valid yet then, so hosts are not asked. */
  function renewIn(days: number) {
    const engine = join(project.directory, "later.sh");
    writeFileSync(engine, `#!/bin/sh\nexec faketime -f +${days}d ${requireEngine().executable} "$@"\n`);
    chmodSync(engine, 0o755);
    return ran(["renew", "--project", project.directory, "--engine", engine, "--no-verify"], {
      environment: process.env,
    });
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

  it("GIVEN certificates that are due THEN they are renewed", async () => {
    const { exitCode, out } = await renewIn(70);
    expect(out).toMatch(/^mail: 2 certificates renewed: domain1\.tld, domain2\.tld\.$/m);
    expect(exitCode).toBe(0);
  });

  it("GIVEN a host with another setting in the provider block, which no resource has THEN it is refused, until it is deployed", async () => {
    declare("one", host.serviceWith({ endpoints: host.service.endpoints.slice(1) }));
    const { exitCode, out } = await renewIn(0);
    expect(out).toContain(
      "refused output.mail_sni_hosts: the settings of mx1 would change (a change that is not deployed)",
    );
    expect(out).toContain("the plan has 1 change that");
    expect(exitCode).toBe(4);
    declare();
  });

  it("GIVEN a CA that is due THEN it is renewed with its certificates, and a warning says that clients need its root", async () => {
    const { exitCode, out } = await renewIn(310);
    expect(out).toMatch(/^mail: 2 certificates renewed: domain1\.tld, domain2\.tld\.$/m);
    expect(out).toMatch(/^warning .*Every client that trusts this CA needs the new certificate_pem/m);
    expect(exitCode).toBe(0);
    expect((await renewIn(310)).out).toMatch(/^mail: no renewal is due/);
  });

  it("GIVEN a CA with another name THEN it is refused, and so are its certificates", async () => {
    declare("two");
    const { exitCode, out } = await renewIn(310);
    expect(out).toContain(
      "refused mailsni_private_ca.ca_ca: its common_name would change (a change that is not deployed)",
    );
    expect(exitCode).toBe(4);
  });
});
