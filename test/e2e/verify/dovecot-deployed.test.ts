import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TerraformOutput } from "cdktf";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { HostNames, PrivateCa } from "../../../lib";
import { ran } from "../../cli/support/ran";
import { Dovecot } from "../../support/dovecot";
import { engineUnderTest, requireEngine } from "../../support/engine-under-test";
import { dovecot23 } from "../../support/machine";
import { describeIf } from "../../support/requirements";
import { dovecotHost } from "../served/dovecot-host";
import { type Domains, ServedHost } from "../served/served-host";

const MOVING = "mail.example.test";
const named = (domain: string, ...more: string[]) => ({
  names: HostNames.of(domain, `imap.${domain}`, ...more),
});
const DOMAINS: Domains = { "domain1.tld": named("domain1.tld", MOVING), "domain2.tld": named("domain2.tld") };
const MOVED: Domains = { "domain1.tld": named("domain1.tld"), "domain2.tld": named("domain2.tld", MOVING) };

describeIf([dovecot23, engineUnderTest], "verify after a deploy to Dovecot 2.3", () => {
  let server: Dovecot;
  let mail: ServedHost;

  beforeAll(async () => {
    server = await Dovecot.start({ version: "2.3" });
    mail = await ServedHost.create({
      engine: requireEngine(),
      host: dovecotHost(server),
      issuer: (stack) => {
        const ca = new PrivateCa(stack, "ecdsa");
        new TerraformOutput(stack, "root", { value: ca.certificatePem, staticId: true });
        return ca;
      },
    });
    await mail.deploy(DOMAINS);
    writeFileSync(file("cdktf.json"), "{}");
    writeFileSync(file("root.pem"), String((await mail.project.outputs()).root));
  });

  afterAll(async () => {
    await server?.stop();
    mail?.project.remove();
  });

  const file = (name: string) => join(mail.project.directory, name);

  const verify = () =>
    ran(
      [
        ...["verify", "--project", mail.project.directory, "--engine", requireEngine().executable],
        ...["--connect", "127.0.0.1", "--no-system-roots", "--ca", file("root.pem")],
      ],
      { environment: process.env },
    );

  /** The names that are presented a wrong certificate, with the ports. */
  async function wrong(): Promise<{ names: string[]; ports: string[]; lines: string[] }> {
    const { exitCode, out } = await verify();
    expect(exitCode).toBe(1);
    const lines = out.split("\n").filter((line) => line.endsWith("[VERIFY_WRONG_CERTIFICATE]"));
    const each = lines.map(
      (line) => /^error {3}(\S+).* at mx1 \(127\.0\.0\.1\) port (\d+) /.exec(line) ?? [],
    );
    return {
      names: [...new Set(each.map(([, name = ""]) => name))].sort(),
      ports: [...new Set(each.map(([, , port = ""]) => port))].sort(),
      lines,
    };
  }

  /** Dovecot turns away those who connect just when a reload replaces its processes. */
  async function rightAgain(): Promise<void> {
    await vi.waitFor(async () => expect(await verify()).toMatchObject({ exitCode: 0 }), 30_000);
  }

  const allPorts = () => mail.endpoints.map(({ port }) => String(port)).sort();

  it("THEN every name is right on every port", async () => {
    const { exitCode, out, err } = await verify();
    expect(out).not.toMatch(/^(error|warning)/m);
    expect([exitCode, err]).toEqual([0, ""]);
    // No name, an unlisted one, capital letters, TLS 1.2 and 1.3 beside the five names.
    const handshakes = mail.endpoints.length * (5 + 5);
    expect(out).toContain(`${handshakes} of ${handshakes} handshakes are right`);
  });

  it("GIVEN files that are right, and a server that has not been reloaded since THEN its names are wrong on every port", async () => {
    const path = server.path("mail-sni/domain2.tld.pem");
    const right = readFileSync(path);
    writeFileSync(path, readFileSync(server.path("mail-sni/domain1.tld.pem")));
    await server.restart();
    // Dovecot reads its files when the first client comes.
    await vi.waitFor(
      async () =>
        expect(await mail.presented(["imap.domain2.tld"])).toEqual({ "imap.domain2.tld": "domain1.tld" }),
      10_000,
    );
    writeFileSync(path, right);
    const { names, ports, lines } = await wrong();
    expect(names).toEqual(["domain2.tld", "imap.domain2.tld"]);
    expect(ports).toEqual(allPorts());
    for (const line of lines) {
      expect(line).toContain(
        "presents the certificate for domain1.tld, imap.domain1.tld, mail.example.test (SHA-256",
      );
      expect(line).toContain("declared is that of domain2.tld (SHA-256");
      expect(line).toContain("Reload the server");
    }
    await server.reload();
    await rightAgain();
  });

  it("GIVEN a name that moves to another domain in the stack WHEN it is not deployed yet THEN that name is wrong on every port", async () => {
    mail.declare(MOVED);
    const { names, ports } = await wrong();
    expect(names).toEqual([MOVING]);
    expect(ports).toEqual(allPorts());
    await mail.apply();
    await rightAgain();
  });
});
