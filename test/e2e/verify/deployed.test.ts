import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TerraformOutput } from "cdktf";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { HostNames, MailSni, PrivateCa } from "../../../lib";
import { ran } from "../../cli/support/ran";
import { engineUnderTest, requireEngine } from "../../support/engine-under-test";
import { describeIf } from "../../support/requirements";
import { StackProject } from "../../support/stack-project";
import { QmailHost } from "../served/qmail-host";

const DOMAINS = ["domain1.tld", "domain2.tld"];
/** Of another output. */
const MARKER = "marker-of-a-sensitive-output";

describeIf(engineUnderTest, "verify after a deploy to the qmail stand-in", () => {
  let host: QmailHost;
  let project: StackProject;
  let outputs: Readonly<Record<string, unknown>>;

  beforeAll(async () => {
    host = await QmailHost.start();
    project = await StackProject.create(requireEngine());
    declare();
    expect(await project.apply()).toMatchObject({ exitCode: 0 });
    outputs = await project.outputs();
    writeFileSync(file("cdktf.json"), "{}");
    writeFileSync(file("root.pem"), String(outputs.root));
  });

  afterAll(async () => {
    await project?.remove();
    await host?.stop();
  });

  const file = (name: string) => join(project.directory, name);

  function declare(): void {
    project.synth((stack) => {
      const issuer = new PrivateCa(stack, "ca");
      const sni = new MailSni(stack, "sni", {
        hosts: [host.declare(stack)],
        issuer,
        defaultDomain: "domain1.tld",
      });
      for (const domain of DOMAINS) sni.addDomain(domain, { names: HostNames.of(domain, `smtp.${domain}`) });
      new TerraformOutput(stack, "root", { value: issuer.certificatePem, staticId: true });
      new TerraformOutput(stack, "secret", { value: MARKER, sensitive: true, staticId: true });
    });
  }

  const verify = (...more: string[]) =>
    ran(
      [
        ...["verify", "--project", project.directory, "--engine", requireEngine().executable],
        ...["--connect", "127.0.0.1", "--no-system-roots", "--ca", file("root.pem"), ...more],
      ],
      { environment: process.env },
    );

  it("THEN every name is right, with the fingerprints that the engine has", async () => {
    const { exitCode, out, err } = await verify();
    expect(out).not.toMatch(/^(error|warning)/m);
    expect(err).toBe("");
    expect(exitCode).toBe(0);
    // Three ports: four names; no name, an unlisted one, capital letters, TLS 1.2 and 1.3.
    expect(out).toContain(`${3 * (4 + 5)} of ${3 * (4 + 5)} handshakes are right; 0 errors, 0 warnings,`);
  });

  it("THEN the output has public facts only, no key, and plans stay empty", async () => {
    const facts = outputs.mail_sni as { certificates: Record<string, object>; pending: object };
    expect(Object.keys(facts.certificates)).toEqual(DOMAINS);
    expect(facts.certificates["domain2.tld"]).toEqual({
      fingerprint_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      issuer: "mailsni_private_ca.ca_ca",
      not_after: expect.stringMatching(/Z$/),
      renew_at: expect.stringMatching(/Z$/),
    });
    expect(Object.values(facts.pending)).toEqual([[]]);
    expect(JSON.stringify(facts)).not.toContain("PRIVATE KEY");
    expect(await project.plan()).toMatchObject({ exitCode: 0 });
  });

  it("THEN status shows both domains, and that nothing is pending", async () => {
    const args = ["status", "--project", project.directory, "--engine", requireEngine().executable];
    const { exitCode, out, err } = await ran(args, { environment: process.env });
    expect(err).toBe("");
    for (const domain of DOMAINS)
      expect(out).toMatch(new RegExp(`^current  ${domain}  \\d+ d .* private CA ca`, "m"));
    expect(out).toContain("Nothing was pending after the last apply that succeeded.");
    expect(exitCode).toBe(0);
  });

  it("THEN no key of the state is in a report, nor any other output, and no temporary file is left", async () => {
    const state = readFileSync(file("terraform.tfstate"), "utf8");
    // The first line is the same of all keys of a kind.
    const keys = state.matchAll(/PRIVATE KEY-----\\n.{64}\\n([A-Za-z0-9+/=]{40})/g);
    const markers = [MARKER, ...new Set([...keys].map(([, base64 = ""]) => base64))];
    // That of the CA, and one for each domain.
    expect(markers).toHaveLength(1 + 1 + DOMAINS.length);

    const reports = mkdtempSync(join(tmpdir(), "mail-sni-reports-"));
    onTestFinished(() => rmSync(reports, { recursive: true }));
    const report = (name: string) => join(reports, name);
    const temporary = report("tmp");
    mkdirSync(temporary);
    const environment = { ...process.env, TMPDIR: temporary, MAIL_SNI_DEBUG: "1" };
    const verified = await ran(
      [
        ...[
          "verify",
          "--project",
          project.directory,
          "--engine",
          requireEngine().executable,
          "--deep",
          "--verbose",
        ],
        ...["--connect", "127.0.0.1", "--no-system-roots", "--ca", file("root.pem")],
        ...[
          "--junit",
          report("junit.xml"),
          "--open-metrics",
          report("metrics.prom"),
          "--html",
          report("page.html"),
        ],
      ],
      { environment },
    );
    const status = await ran(
      ["status", "--project", project.directory, "--engine", requireEngine().executable, "--json"],
      { environment },
    );
    expect(status.out).toContain("domain2.tld");
    expect(readdirSync(temporary)).toEqual([]);
    const files = ["junit.xml", "metrics.prom", "page.html"].map((name) =>
      readFileSync(report(name), "utf8"),
    );
    for (const text of [verified.out, verified.err, status.out, status.err, ...files]) {
      for (const marker of markers) expect(text).not.toContain(marker);
    }
  });

  it("GIVEN a file that was changed behind its back THEN its names are told on every port", async () => {
    const served = host.path("control/servercerts/domain2.tld/servercert.pem");
    const before = readFileSync(served);
    writeFileSync(served, readFileSync(host.path("control/servercert.pem")));
    const { exitCode, out } = await verify();
    writeFileSync(served, before);
    expect(exitCode).toBe(1);
    const wrong = out.split("\n").filter((line) => line.includes("VERIFY_WRONG_CERTIFICATE"));
    expect(wrong.filter((line) => line.startsWith("error   domain2.tld at "))).toHaveLength(3);
    expect(wrong.filter((line) => line.startsWith("error   smtp.domain2.tld at "))).toHaveLength(3);
    expect(wrong.join("\n")).toContain("presents the certificate for domain1.tld, smtp.domain1.tld (SHA-256");
    expect(wrong.join("\n")).toContain("declared is that of domain2.tld (SHA-256");
  });

  it("GIVEN a file that is gone THEN its names are told", async () => {
    rmSync(host.path("control/servercerts/domain2.tld"), { recursive: true });
    const { exitCode, out } = await verify("domain2.tld");
    expect(exitCode).toBe(1);
    expect(out).toMatch(/^error {3}domain2\.tld at .*\[VERIFY_WRONG_CERTIFICATE\]$/m);
  });
});
