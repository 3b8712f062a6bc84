import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type ArticleHost, healthyHost, testCa } from "../../cli/import/support/article";
import { ran } from "../../cli/support/ran";
import { sshd } from "../../support/machine";
import { describeIf } from "../../support/requirements";
import { SshServer } from "../../support/ssh-server";

const DOMAINS = 1000;

describeIf(sshd, "a host over SSH", () => {
  let server: SshServer;
  let host: ArticleHost;
  beforeAll(async () => {
    server = await SshServer.start();
    host = await healthyHost(await testCa(), "2.4", DOMAINS);
  }, 120_000);
  afterAll(async () => {
    host.remove();
    await server.stop();
  });

  const reach = () => [
    server.address,
    ...["--ssh-config", server.file("ssh_config", "")],
    ...["--identity", server.identityFile],
    ...["--host-key", server.hostKey],
  ];

  it("GIVEN 1,000 domains THEN all are declared, in at most 20 round trips", {
    timeout: 300_000,
  }, async () => {
    const written: string[] = [];
    const spy = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
      written.push(String(text));
      return true;
    });
    process.env.TF_LOG = "debug";
    const { exitCode, out, err } = await ran(["import", ...reach(), "--root", host.root, "--no-dns"]);
    delete process.env.TF_LOG;
    spy.mockRestore();
    expect({ exitCode, err }).toMatchObject({ exitCode: 0, err: expect.stringContaining("1000 domains") });
    expect(out.match(/^sni\.addDomain\(/gm)).toHaveLength(DOMAINS);
    expect(out).toContain(`address: ${JSON.stringify(server.address)}`);
    const trips = written.flatMap((line) => /"trips":(\d+)/.exec(line)?.[1] ?? []).map(Number);
    expect(trips).toHaveLength(1);
    expect(trips[0]).toBeGreaterThan(0);
    expect(trips[0]).toBeLessThanOrEqual(20);
  });

  it("WHEN keys are fetched THEN each is in a directory that no other user can enter, and belongs to its certificate", async () => {
    const few = await healthyHost(await testCa(), "2.4", 3);
    const directory = join(few.root, "keys");
    const { exitCode, err } = await ran([
      "import",
      ...reach(),
      "--root",
      few.root,
      "--no-dns",
      "--with-keys",
      directory,
    ]);
    expect({ exitCode, err }).toMatchObject({ err: expect.stringContaining("3 of 3 keys fetched") });
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const domain of ["domain1.tld", "domain2.tld", "domain3.tld"]) {
      const key = join(directory, domain, "privkey.pem");
      expect(statSync(key).mode & 0o777).toBe(0o600);
      const leaf = new X509Certificate(readFileSync(join(directory, domain, "fullchain.pem")));
      expect(leaf.checkPrivateKey(createPrivateKey(readFileSync(key)))).toBe(true);
    }
    few.remove();
  });

  it.each([
    ["CLI_HOST_UNREACHABLE", () => ["root@127.0.0.1:1", "--ssh-config", server.file("ssh_config", "")]],
    [
      "CLI_HOST_UNREACHABLE",
      () =>
        reach().with(-1, "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ9pbJPpFZXRH0HLUGVQmT4Zh3VnGzmFJbEwVKEsT1Pv"),
    ],
    ["CLI_NOTHING_FOUND", () => [...reach(), "--root", "/proc/self/fd"]],
    ["CLI_OPTION", () => ["-oProxyCommand=x"]],
    ["CLI_OPTION", () => ["--identity", "/x"]],
    ["CLI_OPTION", () => [server.address, "--root", "relative"]],
  ])("GIVEN what cannot be read THEN 2, and %s", async (code, args) => {
    const { exitCode, err, out } = await ran(["import", ...args()]);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
    if (!args()[0]?.startsWith("-o")) expect(err).toContain(`[${code}]`);
  });

  it("GIVEN a host without tools THEN 2, and it says which", async () => {
    const bare = await SshServer.start({ environment: { PATH: "/nonexistent" } });
    const { exitCode, err } = await ran([
      "import",
      bare.address,
      ...[
        "--ssh-config",
        bare.file("ssh_config", ""),
        "--identity",
        bare.identityFile,
        "--host-key",
        bare.hostKey,
      ],
    ]);
    await bare.stop();
    expect(exitCode).toBe(2);
    expect(err).toMatch(/\[CLI_HOST_(TOOLS|UNREACHABLE)\]/);
  });
});
