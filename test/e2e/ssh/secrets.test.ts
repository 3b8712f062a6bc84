import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { engineUnderTest } from "../../support/engine-under-test";
import { argumentsOf } from "../../support/processes";
import { describeIf, sshd } from "../../support/requirements";
import { SshStandIn } from "../../support/ssh-stand-in";
import { domainFiles, domainPaths } from "../../support/stand-in-server";
import { pemFor } from "../../support/test-pem";
import { Workspace } from "../../support/workspace";

describeIf([engineUnderTest, sshd], "private keys that go to a host by ssh", () => {
  let workspace: Workspace;
  let far: SshStandIn;
  /** What of each key could give it away. */
  const secrets: string[] = [];
  let printed = "";
  /** Where on this machine, the host included, a key was seen in the arguments of a process. */
  const inArguments = new Set<string>();
  /** Modes of files of ours on the host that hold a key, and of what ssh has here, as long as they existed. */
  const modes = new Set<string>();

  beforeAll(async () => {
    workspace = await Workspace.open("vendored");
    far = await SshStandIn.start();
    const [first, second, refused] = [
      await pemFor("a.test"),
      await pemFor("a.test"),
      await pemFor("refused.test"),
    ];
    secrets.push(...[first, second, refused].flatMap(distinctive));
    const refusedFiles = domainFiles("refused.test", refused);
    Object.assign(refusedFiles.files[domainPaths("refused.test").certificate] as object, {
      group: "no-such",
    });
    const watch = startWatching();
    for (const pem of [first, second]) {
      workspace.declare({
        hosts: { mx1: far.host },
        resources: {
          "mailsni_host_files.a": domainFiles("a.test", pem),
          // Fails while it has the key in its hands.
          "mailsni_host_files.refused": refusedFiles,
        },
      });
      await run("plan");
      await run("apply", "-auto-approve");
      // As `doveconf -x` does, which prints the contents of the files it looks at; and all that is left of it is a key.
      const print = `cat "$root${domainPaths("a.test").certificate}"`;
      far.server.on("check", `${print}; ${print} | head -n 5 >&2; exit 1`);
    }
    await far.ssh.kill();
    await run("apply", "-auto-approve");
    await watch.stop();
  });
  afterAll(async () => {
    await far?.stop();
    await workspace?.close();
  });

  async function run(...args: string[]): Promise<void> {
    const { output } = await workspace.run(args, { env: { TF_LOG: "trace" } });
    printed += output;
  }

  function startWatching(): { stop(): Promise<void> } {
    let watching = true;
    const working = (async () => {
      while (watching) {
        lookAtArguments();
        lookAtFiles();
        await setImmediate();
      }
    })();
    return {
      stop: async () => {
        watching = false;
        await working;
      },
    };
  }

  function lookAtArguments(): void {
    for (const name of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      const words = argumentsOf(Number(name)).join(" ");
      if (secrets.some((secret) => words.includes(secret))) inArguments.add(words);
    }
  }

  function lookAtFiles(): void {
    const onHost = ["/etc/mail/certs", "/var/lib/mail-sni"].map((path) => far.server.path(path));
    for (const directory of [...onHost, ...sshDirectories()]) {
      for (const file of filesIn(directory)) {
        try {
          const mode = (statSync(file).mode & 0o777).toString(8);
          const holds = secrets.some((secret) => readFileSync(file, "utf8").includes(secret));
          if (holds || file.includes("mail-sni-ssh-")) modes.add(`${holds ? "key" : "ssh"} ${mode}`);
        } catch {
          // It has gone meanwhile, or is a socket.
        }
      }
    }
  }

  /** Temporary directories of connections are below the home of the engine's user. */
  function sshDirectories(): string[] {
    return filesIn(workspace.path("home")).filter((name) => name.includes("mail-sni-ssh-"));
  }

  it("THEN they are there", () => {
    const installed = far.server.read(domainPaths("a.test").certificate);
    expect(secrets.some((secret) => installed.includes(secret))).toBe(true);
  });

  it("THEN no process had them in its arguments, here or there", () => {
    expect([...inArguments]).toEqual([]);
  });

  it("THEN nothing of them was printed or logged, by failures neither", () => {
    expect(printed.length).toBeGreaterThan(100_000);
    expect(printed).toMatch(/cannot be reached/);
    expect(secrets.filter((secret) => printed.includes(secret))).toEqual([]);
  });

  it("THEN no file had them with more rights than were declared, and what ssh has here is this user's alone", () => {
    expect(modes).toContain("key 640");
    expect([...modes].filter((mode) => !["key 640", "key 600", "ssh 600"].includes(mode))).toEqual([]);
  });

  it("THEN nothing of ssh is left here", () => {
    expect(sshDirectories()).toEqual([]);
  });
});

function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory).map((name) => join(directory, name));
  } catch {
    return [];
  }
}

/** Parts of a PKCS #8 key on P-256 that occur nowhere else: before them is its kind, behind them the public key. */
function distinctive(pem: string): string[] {
  const [, first = "", second = ""] = /-----BEGIN PRIVATE KEY-----\n(.+)\n(.+)\n/.exec(pem) ?? [];
  return [first.slice(48), second.slice(0, 16)];
}
