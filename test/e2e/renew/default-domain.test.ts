import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  HostFile,
  HostNames,
  type IMailService,
  Lookup,
  MailHost,
  MailSni,
  PrivateCa,
  type ServedCertificate,
} from "../../../lib";
import { ran } from "../../cli/support/ran";
import { engineUnderTest, requireEngine } from "../../support/engine-under-test";
import { describeIf } from "../../support/requirements";
import { StackProject } from "../../support/stack-project";

const DEFAULT = "/certs/default.pem";

/** A server that can look up wildcards, unlike Dovecot and qmail. */
const WILDCARDS: IMailService = {
  name: "wildcards",
  endpoints: [],
  commands: {},
  otherNames: [],
  hostFiles: () => ({}),
  certificateFiles: ({ name, pem }: ServedCertificate) => ({
    files: { [`/certs/${name}.pem`]: HostFile.pem(pem) },
  }),
  defaultFiles: ({ pem }: ServedCertificate) => ({ files: { [DEFAULT]: HostFile.pem(pem, { keep: true }) } }),
  lookup: (name, certificates) => {
    const found = certificates.declaredFor(name.replace(/^[^.]+/, "*"));
    return found ? Lookup.found(found, `/certs/${found.name}.pem`) : Lookup.byDefault("there is no entry");
  },
};

describeIf(engineUnderTest, "mail-sni renew with domains that have wildcards alone", () => {
  let project: StackProject;
  const root = () => join(project.directory, "root");
  const installed = () => readFileSync(join(root(), DEFAULT), "utf8");
  const renew = () =>
    ran(["renew", "--project", project.directory, "--engine", requireEngine().executable, "--no-verify"], {
      environment: process.env,
    });

  beforeAll(async () => {
    project = await StackProject.create(requireEngine());
    mkdirSync(root());
    writeFileSync(join(project.directory, "cdktf.json"), "{}");
    declare("a.test");
    expect(await project.apply()).toMatchObject({ exitCode: 0 });
  });
  afterAll(() => project?.remove());

  function declare(defaultDomain: string): void {
    project.synth((stack) => {
      const hosts = [MailHost.local(stack, "mx1", { root: root(), services: [WILDCARDS] })];
      const sni = new MailSni(stack, "sni", { hosts, issuer: new PrivateCa(stack, "ca"), defaultDomain });
      for (const domain of ["a.test", "b.test"])
        sni.addDomain(domain, { names: HostNames.of(`*.${domain}`) });
    });
  }

  it("GIVEN another default domain, of which the plan shows another PEM alone THEN it is refused, until it is deployed", async () => {
    const before = installed();
    declare("b.test");
    const refused = await renew();
    expect(refused.out).toMatch(
      /^refused output\.mail_sni_hosts: the settings of mx1 would change, .*default domain \(a change that is not deployed\)$/m,
    );
    expect(refused.out).toContain("the plan has 1 change that");
    expect(refused.exitCode).toBe(4);
    expect(installed()).toBe(before);

    expect(await project.apply()).toMatchObject({ exitCode: 0 });
    expect(installed()).not.toBe(before);
    expect((await renew()).exitCode).toBe(0);
  });
});
