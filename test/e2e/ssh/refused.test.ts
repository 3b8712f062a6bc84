import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTlsServer, type TlsServer } from "../../provider/host/support/tls-server";
import type { EngineReport } from "../../support/engine-report";
import { engineUnderTest } from "../../support/engine-under-test";
import { freePort } from "../../support/ports";
import { describeIf, sshd } from "../../support/requirements";
import { SshStandIn } from "../../support/ssh-stand-in";
import { domainFiles, domainPaths } from "../../support/stand-in-server";
import { pemFor } from "../../support/test-pem";
import { Workspace } from "../../support/workspace";

/** Each of these hosts has one thing wrong with it, and `good` has none. */
type Name =
  | "good"
  | "unknown-key"
  | "changed-key"
  | "wrong-user"
  | "wrong-identity"
  | "nobody-listens"
  | "sudo-asks"
  | "no-flock"
  | "no-forwarding"
  | "readable-key";

describeIf([engineUnderTest, sshd], "hosts that cannot be used by ssh", () => {
  let workspace: Workspace;
  let imaps: TlsServer;
  const fars: SshStandIn[] = [];
  let good: SshStandIn;
  let apply: EngineReport;
  let changedKey: { readonly known: string; readonly seen: string };

  beforeAll(async () => {
    workspace = await Workspace.open("in process");
    const pem = await pemFor("a.test");
    imaps = await startTlsServer(() => pem);
    const hosts = await makeHosts();
    workspace.declare({
      hosts,
      resources: Object.fromEntries(
        Object.keys(hosts).map((host) => [
          `mailsni_host_files.${host}`,
          { ...domainFiles("a.test", pem), host },
        ]),
      ),
    });
    apply = await workspace.apply();
  });
  afterAll(async () => {
    await Promise.all(fars.map((far) => far.stop()));
    await imaps?.stop();
    await workspace?.close();
  });

  async function far(...config: string[]): Promise<SshStandIn> {
    const started = await SshStandIn.start({ config });
    fars.push(started);
    return started;
  }

  async function makeHosts(): Promise<Record<Name, object>> {
    good = await far();
    const [changed, closed, poor] = [await far(), await far("AllowTcpForwarding no"), await far()];
    const known = changed.host;
    const knownFingerprint = changed.ssh.fingerprint;
    changed.ssh.changeHostKey();
    await changed.ssh.restart();
    changedKey = { known: knownFingerprint, seen: changed.ssh.fingerprint };
    good.before("sudo", 'echo "sudo: a password is required" >&2; exit 1');
    const { host } = good;
    const port = await freePort();
    const mail = { ...closed.server.service, endpoints: [{ port: imaps.port, protocol: "tls" }] };
    const key = good.ssh.file("readable", "-----BEGIN OPENSSH PRIVATE KEY-----\n", 0o644);
    const elsewhere = (name: Name) => ({ ...host, root: join(good.directory, name), services: {} });
    return {
      good: host,
      "unknown-key": {
        ...elsewhere("unknown-key"),
        host_keys: null,
        known_hosts_file: good.ssh.file("known_hosts", ""),
      },
      "changed-key": known,
      "wrong-user": { ...elsewhere("wrong-user"), address: host.address.replace("root@", "nobody-here@") },
      "wrong-identity": { ...elsewhere("wrong-identity"), identity_file: poor.ssh.identityFile },
      "readable-key": { ...elsewhere("readable-key"), identity_file: key },
      "nobody-listens": { ...elsewhere("nobody-listens"), address: `root@127.0.0.1:${port}` },
      "sudo-asks": { ...elsewhere("sudo-asks"), become: ["sudo", "-n"] },
      "no-flock": { ...(await withoutFlock()).host },
      "no-forwarding": { ...closed.host, services: { mail } },
    };
  }

  /** A host that has all programs but that one. */
  async function withoutFlock(): Promise<SshStandIn> {
    const programs = join(good.directory, "without-flock");
    mkdirSync(programs);
    for (const name of readdirSync("/usr/bin")) {
      if (name !== "flock") symlinkSync(join("/usr/bin", name), join(programs, name));
    }
    return far(`SetEnv PATH=${programs}`);
  }

  const errorOf = (name: Name) => apply.errorsOf(`mailsni_host_files.${name}`).join();

  it("THEN the host with nothing wrong has everything", () => {
    expect(errorOf("good")).toBe("");
    expect(Object.keys(good.server.served)).toEqual(["a.test"]);
  });

  it("GIVEN an unknown host key THEN the message has its fingerprint, and where to put the key", () => {
    expect(errorOf("unknown-key")).toContain(good.ssh.fingerprint);
    expect(errorOf("unknown-key")).toMatch(/not known.*Nothing was sent.*known_hosts/);
  });

  it("GIVEN another host key THEN the message has the fingerprint seen, and warns of an impostor", () => {
    expect(errorOf("changed-key")).toContain(changedKey.seen);
    expect(errorOf("changed-key")).not.toContain(changedKey.known);
    expect(errorOf("changed-key")).toMatch(/host key .*Nothing was sent.*hostKeys/);
  });

  it.each([
    ["a user who is not there", "wrong-user", /does not let nobody-here@\S+ in .*authorized_keys/],
    ["a key that the host does not know", "wrong-identity", /does not let root@\S+ in .*identityFile/],
    ["a private key that others can read", "readable-key", /others can read it.*chmod 600/],
    ["a port on which nothing listens", "nobody-listens", /nothing listens on port \d+.*Is sshd running/],
    ["a sudo that asks for a password", "sudo-asks", /`sudo -n` asks for a password.*NOPASSWD/],
    ["a host without flock", "no-flock", /Tools are missing: flock\. Install .*util-linux/],
  ] as const)("GIVEN %s THEN the message says what to do, and which host it is", (_, name, message) => {
    expect(errorOf(name)).toMatch(message);
    expect(errorOf(name)).toContain(`"${name}"`);
  });

  it("GIVEN forwarding that is forbidden THEN the files are there, and a warning says what to allow", () => {
    expect(errorOf("no-forwarding")).toBe("");
    const warnings = apply.messages.filter(({ severity }) => severity === "Warning").map(({ text }) => text);
    expect(warnings.join()).toMatch(/could not be checked for a\.test.*AllowTcpForwarding/);
  });

  it("THEN nothing is where it should not be", () => {
    const failed: Name[] = ["unknown-key", "wrong-user", "wrong-identity", "nobody-listens", "sudo-asks"];
    for (const name of failed) expect(readdirSync(good.directory)).not.toContain(name);
    expect(workspace.state).not.toHaveProperty([`mailsni_host_files.changed-key`]);
    expect(fars.map(({ server }) => Object.keys(server.served).length).filter(Boolean)).toHaveLength(2);
    expect(good.server.read(domainPaths("a.test").certificate)).toContain("PRIVATE KEY");
  });
});
