import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Host } from "../../../lib/provider/host/host";
import { HostUnusable } from "../../../lib/provider/host/host-unusable";
import { mustRun } from "../../support/commands";
import { HeldLock } from "../../support/held-lock";
import { root as asRoot, describeIf, setfacl } from "../../support/requirements";
import { certificate, change, link, pathsOf, pem, text, withoutCertificate } from "./support/changes";
import { ShellTransport } from "./support/shells";
import { STATE_DIRECTORY, TestHost } from "./support/test-host";

const sha256 = (contents: string) => createHash("sha256").update(contents).digest("hex");

let on: TestHost;
let host: Host;
beforeEach(() => {
  on = new TestHost();
  host = on.open();
});
afterEach(() => on.remove());

describe("two runs on one host", () => {
  it("THEN one waits for the other, and both are done", async () => {
    on.tell("activate-sleeps", "0.2");
    const other = on.open();
    const names = ["a.test", "b.test", "c.test", "d.test"];
    const results = await Promise.all(
      names.map((name, index) => (index % 2 === 0 ? host : other).change(certificate(name, name))),
    );
    expect(results.flatMap(({ errors }) => errors)).toEqual([]);
    expect(names.map((name) => on.loaded(name))).toEqual(names);
    expect(on.calls()).toEqual([...Array(2)].flatMap(() => ["check", "running", "activate"]));
    expect(on.ledger().pendingActivations).toEqual([]);
  });

  it("GIVEN the lock is held WHEN it is let go of in time THEN the change is done, and the wait is said", async () => {
    const holder = await holdLock();
    host = on.open({ timeouts: { lockAttemptMs: 1_000, lockWaitMs: 60_000 } });
    const result = host.change(certificate("a.test", "x"));
    await holder.waitedAgain();
    holder.release();
    const { errors, warnings } = await result;
    expect(errors).toEqual([]);
    expect(warnings.map(({ summary }) => summary)).toEqual(['Waited for another run on host "mx1"']);
    expect((await host.change(certificate("b.test", "x"))).warnings).toEqual([]);
  });

  it("GIVEN the lock is held for longer than it may be THEN the change fails and says so, and nothing has changed", async () => {
    const holder = await holdLock();
    host = on.open({ timeouts: { lockAttemptMs: 1_000, lockWaitMs: 1_000 } });
    const { errors } = await host.change(certificate("a.test", "x"));
    expect(errors[0]?.summary).toBe('Host "mx1" cannot be used');
    expect(errors[0]?.detail).toContain("Another run has held the lock for more than 1 s");
    expect(on.has(pathsOf("a.test").served)).toBe(false);
    holder.release();
    expect((await host.change(certificate("a.test", "x"))).errors).toEqual([]);
  });

  it("GIVEN a change that waits for the lock, and its engine is gone meanwhile THEN it does not undo what the next run has done", async () => {
    let isEngineGone = false;
    const orphan = on.open({ isEngineGone: () => isEngineGone });
    expect((await orphan.change(certificate("a.test", "old"))).errors).toEqual([]);
    const holder = await holdLock();
    const late = orphan.change(certificate("a.test", "orphan's"));
    await holder.waiters(1);
    const next = host.change(certificate("a.test", "next run's"));
    await holder.waiters(2);
    isEngineGone = true;
    holder.release();
    expect((await next).errors).toEqual([]);
    expect((await late).errors[0]?.detail).toContain("The engine is gone. Nothing was changed");
    expect((await orphan.change(certificate("b.test", "x"))).errors).toHaveLength(1);
    expect(on.read(pathsOf("a.test").served)).toContain("next run's");
    expect(on.has(pathsOf("b.test").served)).toBe(false);
    expect(on.ledger().pendingActivations).toEqual([]);
  });

  it("GIVEN a command that leaves a daemon behind THEN neither the lock nor the session is held by it", async () => {
    const settings = on.settings.services.get("served");
    const starts = ["sh", "-c", "sleep 30 & echo $! >$0", join(on.control, "pid")];
    const services = new Map([["served", { ...settings, activate: starts } as never]]);
    host = on.open({ settings: { services } });
    try {
      expect((await host.change(certificate("a.test", "x"))).errors).toEqual([]);
      expect((await host.change(certificate("b.test", "x"))).errors).toEqual([]);
    } finally {
      process.kill(Number(readFileSync(join(on.control, "pid"), "utf8")));
    }
  });

  it("GIVEN a run that is just activating something WHEN a plan looks THEN it waits for its end, and nothing is pending", async () => {
    on.tell("activate-sleeps", "1");
    const change = host.change(certificate("a.test", "x"));
    while (on.ledger().pendingActivations.length === 0) await delay(10);
    const { ledger } = await on.open().observe({ paths: [], texts: new Map() });
    expect(ledger.pendingActivations).toEqual([]);
    expect((await change).errors).toEqual([]);
  });

  it("GIVEN one that takes longer than a plan waits, or that was killed THEN it is pending", async () => {
    expect((await host.change(certificate("a.test", "x"))).errors).toEqual([]);
    appendFileSync(on.ledgerPath, "owe\tserved\t0123456789ab\t0123456789abcdef\t.\n");
    const looks = async () => {
      const plan = on.open({ timeouts: { unlockedWaitMs: 1_000 } });
      return (await plan.observe({ paths: [], texts: new Map() })).ledger.pendingActivations.length;
    };
    expect(await looks()).toBe(1);
    const holder = await holdLock();
    expect(await looks()).toBe(1);
    holder.release();
  });

  const holdLock = () => HeldLock.of(on.at(STATE_DIRECTORY));
});

describeIf(asRoot, "other users of the host", () => {
  const OTHER = "65534";
  const lock = () => on.at(`${STATE_DIRECTORY}/lock`);
  const asOther = (...command: string[]) =>
    spawn("setpriv", ["--reuid", OTHER, "--regid", OTHER, "--clear-groups", ...command], { stdio: "pipe" });
  const readableAbove = () => {
    for (let path = on.at("/"); path !== "/tmp"; path = dirname(path)) chmodSync(path, 0o755);
  };

  it.each(["new", "one that an earlier version has left open"])(
    "GIVEN a state directory that is %s THEN no other user can enter it, nor open what is in it",
    async (kind) => {
      readableAbove();
      if (kind !== "new") {
        on.write(`${STATE_DIRECTORY}/lock`, "", 0o644);
        on.write(`${STATE_DIRECTORY}/ledger`, "mail-sni-ledger\t1\t.\n", 0o644);
        chmodSync(on.at(STATE_DIRECTORY), 0o755);
      }
      expect((await host.change(certificate("a.test", "x"))).errors).toEqual([]);
      const modes = ["", "/lock", "/ledger"].map((name) => on.mode(`${STATE_DIRECTORY}${name}`));
      expect(modes).toEqual(["0700", "0600", "0600"]);
      const [status] = await once(asOther("flock", "--nonblock", lock(), "true"), "close");
      expect(status).not.toBe(0);
      const other = on.open({
        transport: new ShellTransport(["setpriv", "--reuid", OTHER, "--clear-groups", "sh"]),
      });
      await expect(other.observe({ paths: ["/etc"], texts: new Map() })).rejects.toThrow(
        /ledger cannot be read: .*Permission denied/,
      );
    },
  );

  it.each([
    ["the state directory", STATE_DIRECTORY],
    ["a directory above it", "/var"],
  ])(
    "GIVEN %s belongs to one of them THEN it is not used, and the message says what to do",
    async (_, path) => {
      mkdirSync(on.at(STATE_DIRECTORY), { recursive: true });
      chownSync(on.at(path), Number(OTHER), Number(OTHER));
      const { errors } = await host.change(certificate("a.test", "x"));
      expect(errors[0]?.detail).toContain(`${on.at(path)} belongs to another user (uid ${OTHER})`);
      expect(errors[0]?.detail).toContain("make uid 0 its owner, or declare another state directory");
    },
  );

  it.each([
    ["all users", 0o757, "all users"],
    ["a group", 0o775, "the group nogroup"],
  ])(
    "GIVEN %s can write to a directory above the state directory THEN it is not used, and the message says what to do",
    async (_, mode, who) => {
      mkdirSync(on.at(STATE_DIRECTORY), { recursive: true });
      chownSync(on.at("/var"), 0, Number(OTHER));
      chmodSync(on.at("/var"), mode);
      const { errors } = await host.change(certificate("a.test", "x"));
      expect(errors[0]?.detail).toContain(`${on.at("/var")} is writable for ${who}, who could replace`);
      expect(errors[0]?.detail).toContain(`(chmod go-w ${on.at("/var")})`);
      chownSync(on.at("/var"), 0, 0);
      if (mode === 0o775) expect((await host.change(certificate("a.test", "x"))).errors).toEqual([]);
    },
  );

  describeIf(
    setfacl,
    "GIVEN an ACL by which one of them can write to a directory above the state directory",
    () => {
      it("THEN it is not used, and the message says what to do", async () => {
        mkdirSync(on.at(STATE_DIRECTORY), { recursive: true });
        execFileSync("setfacl", ["-m", `u:${OTHER}:rwx`, on.at("/var")]);
        const { errors } = await host.change(certificate("a.test", "x"));
        expect(errors[0]?.detail).toContain(`${on.at("/var")} is writable for those whom its ACL names`);
        execFileSync("chmod", ["go-w", on.at("/var")]);
        expect((await host.change(certificate("a.test", "x"))).errors).toEqual([]);
      });
    },
  );

  it.each(["link", "pipe"])(
    "GIVEN a %s in the lock's place THEN it is neither opened nor changed",
    async (kind) => {
      mkdirSync(on.at(STATE_DIRECTORY), { recursive: true });
      on.write("/victim", "", 0o644);
      if (kind === "link") on.link(`${STATE_DIRECTORY}/lock`, on.at("/victim"));
      else await mustRun(["mkfifo", lock()]);
      const { errors } = await host.change(certificate("a.test", "x"));
      expect(errors[0]?.detail).toContain(`${lock()} is not a file: move it away`);
      expect(on.mode("/victim")).toBe("0644");
    },
  );
});

describe("a session that ends while it holds the lock", () => {
  it("THEN that is said, the lock is free, and the next change finishes", async () => {
    await host.change(certificate("a.test", "old"));
    on.tell("activate-sleeps", "20");
    on.calls();
    const transport = new ShellTransport();
    const changing = on.open({ transport }).change(certificate("a.test", "new", { kind: "update" }));
    await on.called("activate");
    transport.timeOut();
    const { errors } = await changing;
    expect(errors[0]?.summary).toBe('Host "mx1" was lost during a change');
    expect(on.ledger().pendingActivations).toHaveLength(1);
    on.untell("activate-sleeps");
    host = on.open();
    expect(await host.change(certificate("a.test", "new", { kind: "update" }))).toMatchObject({
      errors: [],
      warnings: [],
      pending: null,
    });
    expect([on.loaded("a.test"), on.leftovers()]).toEqual(["new", []]);
  });

  it("GIVEN it had noted nothing yet THEN nothing of it is noted later", async () => {
    await host.change(certificate("a.test", "old"));
    const transport = new ShellTransport(["sh"], "append() { kill -9 $$; }\n");
    const dying = on.open({ transport });
    expect((await dying.change(change({ token: "lost", files: [pem("/lost", "x")] }))).errors).toHaveLength(
      1,
    );
    expect((await dying.change(change({ token: "lost", files: [pem("/lost", "x")] }))).errors).toHaveLength(
      1,
    );
    await host.change(certificate("b.test", "x"));
    expect([...on.ledger().pathsOf("lost")]).toEqual([]);
  });
});

describe("a host that cannot be used", () => {
  it("GIVEN it lacks tools THEN the message says which, and what to install", async () => {
    host = on.open({ transport: new ShellTransport(["sh"], "PATH=/nonexistent\n") });
    const { errors } = await host.change(certificate("a.test", "x"));
    expect(errors[0]?.detail).toMatch(
      /Tools are missing: .*flock.*\. Install coreutils, grep and util-linux on the host\./,
    );
    await expect(host.observe({ paths: ["/etc"], texts: new Map() })).rejects.toThrow(
      /Tools are missing: .*sha256sum/,
    );
  });

  it.each([
    [
      "a stat that knows no --printf, as BusyBox's",
      'stat() { [ "$1" != --printf ]; }\n',
      "the stat of coreutils",
    ],
    [
      "a printf outside of the shell",
      'command() { if [ "$*" = "-v printf" ]; then echo /usr/bin/printf; fi; }\n',
      "a shell with a printf of its own",
    ],
  ])("GIVEN %s THEN the message says what it lacks", async (_, prelude, lacks) => {
    host = on.open({ transport: new ShellTransport(["sh"], prelude) });
    const { errors } = await host.change(certificate("a.test", "x"));
    expect(errors[0]?.detail).toContain(`Tools are missing: ${lacks}. `);
  });

  it("GIVEN its state directory cannot be made THEN the message has the reason", async () => {
    on.write(STATE_DIRECTORY, "a file");
    const { errors } = await host.change(certificate("a.test", "x"));
    expect(errors[0]?.detail).toMatch(/var\/lib\/mail-sni cannot be used: mkdir: .*File exists/);
  });

  it("GIVEN its lock cannot be opened THEN the message has the reason", async () => {
    mkdirSync(on.at(`${STATE_DIRECTORY}/lock`), { recursive: true });
    const { errors } = await host.change(certificate("a.test", "x"));
    expect(errors[0]?.detail).toMatch(/var\/lib\/mail-sni cannot be used: .*lock.*/);
  });

  it("GIVEN its ledger is of another version THEN nothing is changed", async () => {
    on.write(`${STATE_DIRECTORY}/ledger`, "mail-sni-ledger\t9\t.\n");
    const { errors } = await host.change(certificate("a.test", "x"));
    expect(errors[0]?.detail).toContain("it has version 9, and this provider knows 1");
    expect(on.has(pathsOf("a.test").served)).toBe(false);
    await expect(host.observe({ paths: [], texts: new Map() })).rejects.toThrow(HostUnusable);
  });
});

describe("the machine that a ledger was begun on", () => {
  /** The machine's own root, so that its identity counts, with a ledger of the test's. */
  const machine = (...keys: string[]) =>
    on.open({
      settings: { root: "/", stateDirectory: on.at(STATE_DIRECTORY), applyOwnership: false },
      transport: new ShellTransport(["sh"], `identity() { printf '%s\\n' ${keys.join(" ")}; }\n`),
    });
  const apply = (one: Host) =>
    one.change(change({ kind: "update", files: [text(on.at("/file"), "x")] })).then(({ errors }) => errors);

  it("GIVEN a copied disk image, with other SSH host keys, THEN it is refused, and the message says what to do", async () => {
    expect(await apply(machine("AAAA-rsa", "AAAA-ed"))).toEqual([]);
    const [refusal] = await apply(machine("BBBB-rsa", "BBBB-ed"));
    expect(refusal?.detail).toMatch(
      /ledger was created on another machine.*remove the file here.*begin with `host`/s,
    );
  });

  it("GIVEN such a copy WHEN a plan reads it THEN it is refused too, since the ledger is of another machine", async () => {
    const look = { paths: [on.at("/file")], texts: new Map() };
    const original = machine("AAAA-rsa");
    expect(await apply(original)).toEqual([]);
    expect((await original.observe(look)).facts.get(on.at("/file"))?.kind).toBe("file");
    await expect(machine("BBBB-rsa").observe(look)).rejects.toThrow(/created on another machine/);
    await expect(machine("BBBB-rsa").renewers.observe({ programs: [], hooks: [] })).rejects.toThrow(
      /created on another machine/,
    );
  });

  it("GIVEN one key of several is still the same, or none can be read, THEN it is the same machine", async () => {
    expect(await apply(machine("AAAA-rsa", "AAAA-ed"))).toEqual([]);
    expect(await apply(machine("CCCC-rsa", "AAAA-ed"))).toEqual([]);
    expect(await apply(machine(""))).toEqual([]);
  });

  it("GIVEN all its keys are replaced, one after the other, THEN it stays the same machine", async () => {
    expect(await apply(machine("AAAA-rsa", "AAAA-ed"))).toEqual([]);
    expect(await apply(machine("CCCC-rsa", "AAAA-ed"))).toEqual([]);
    expect(await apply(machine("CCCC-rsa", "CCCC-ed"))).toEqual([]);
  });

  it("GIVEN a directory of this machine as root THEN its keys do not matter", async () => {
    await host.change(certificate("a.test", "x"));
    expect([...on.ledger().hostKeys]).toEqual([]);
  });
});

describe("observe", () => {
  it("GIVEN several questions at once THEN each is answered, and texts are fetched where they differ", async () => {
    await host.change(
      change({ files: [text("/etc/same", "same"), text("/etc/other", "o"), pem("/etc/key", "secret")] }),
    );
    on.write("/etc/other", "Änderung\r\n");
    const [one, two] = await Promise.all([
      host.observe({ paths: ["/etc/same", "/etc/key"], texts: new Map([["/etc/same", sha256("same")]]) }),
      host.observe({ paths: ["/etc/other", "/missing"], texts: new Map([["/etc/other", sha256("o")]]) }),
    ]);
    expect(one.facts.get("/etc/key")).toMatchObject({ kind: "file", mode: "0600", sha256: sha256("secret") });
    expect(two.facts.has("/missing")).toBe(false);
    expect(two.texts).toEqual(new Map([["/etc/other", "Änderung\r\n"]]));
    expect(two.ledger.owner("/etc/same")?.token).toBe("token");
  });

  it("GIVEN a host on which nothing has ever been done THEN nothing is there, and nothing is made", async () => {
    const before = on.tree();
    const { facts, ledger } = await host.observe({ paths: ["/etc/x"], texts: new Map() });
    expect([facts.size, ledger.isNew]).toEqual([0, true]);
    expect(on.tree()).toEqual(before);
    expect(on.has(STATE_DIRECTORY)).toBe(false);
  });

  it("GIVEN a stack with many resources WHEN one is asked about THEN the others are seen by the same look", async () => {
    await on.open().change(change({ token: "one", files: [text("/etc/one", "1")] }));
    await on.open().change(change({ token: "two", files: [text("/srv/two", "2")] }));
    await on.open().change(change({ token: "other", stack: "other", files: [text("/srv/other", "3")] }));
    const look = (path: string) => host.observe({ paths: [path], texts: new Map() });
    await look("/etc/one");
    for (const path of ["/etc/one", "/srv/two", "/srv/other"]) rmSync(on.at(path));

    expect((await look("/srv/two")).facts.get("/srv/two")).toMatchObject({
      kind: "file",
      sha256: sha256("2"),
    });
    expect((await look("/srv/other")).facts.has("/srv/other")).toBe(false);
  });

  it("GIVEN a later change by this process THEN it reads again", async () => {
    await host.change(change({ files: [text("/etc/a", "old")] }));
    const look = () => host.observe({ paths: ["/etc/a"], texts: new Map() });
    await look();
    await host.change(change({ kind: "update", files: [text("/etc/a", "new")] }));

    expect((await look()).facts.get("/etc/a")?.sha256).toBe(sha256("new"));
  });

  it("GIVEN another run changes the host THEN the next look sees it, in the ledger too", async () => {
    host = on.open({ timeouts: { surveyMs: 0 } });
    const look = () => host.observe({ paths: ["/etc/a"], texts: new Map() });
    await look();
    await on.open().change(change({ files: [pem("/etc/a", "x")] }));
    const { facts, ledger } = await look();
    expect([facts.get("/etc/a")?.kind, ledger.owner("/etc/a")?.token]).toEqual(["file", "token"]);
  });

  it("GIVEN a host on which a read hangs THEN it is not read again at once, AND a change makes it be read again", async () => {
    const hangs = 'missing_tools() { [ -e "$PWD/../answers" ] || sleep 600; }\n';
    const transport = new ShellTransport(["sh"], hangs.replace("$PWD/..", on.control));
    host = on.open({ transport, timeouts: { readMs: 1_000 } });
    const look = () => host.observe({ paths: ["/etc"], texts: new Map() });
    for (let times = 0; times < 5; times++) await expect(look()).rejects.toThrow(HostUnusable);
    expect(transport.opened).toHaveLength(1);

    on.tell("answers", "");
    expect((await host.change(certificate("a.test", "x"))).errors).toEqual([]);
    expect((await look()).facts.get("/etc")?.kind).toBe("directory");
  });

  it("GIVEN its shell has ended since THEN another one is asked", async () => {
    const transport = new ShellTransport();
    host = on.open({ transport, timeouts: { surveyMs: 0 } });
    const look = () => host.observe({ paths: ["/etc/served"], texts: new Map() });
    await look();
    const [shell] = transport.opened;
    if (shell === undefined) throw new Error("no shell was opened");
    transport.kill();
    await once(shell, "close");
    expect((await look()).facts.get("/etc/served")?.kind).toBe("directory");
  });

  it("GIVEN an unreachable host THEN each attempt reports it", async () => {
    const transport = new ShellTransport(["sh"], "exit 3\n");
    host = on.open({ transport });
    for (let times = 0; times < 2; times++) {
      await expect(host.observe({ paths: ["/"], texts: new Map() })).rejects.toThrow(/exit status 3/);
    }
  });

  it("WHILE a change waits for its service THEN looks are answered", async () => {
    host = on.open({ timeouts: { unlockedWaitMs: 100 } });
    on.tell("activate-waits", "");
    let changed = false;
    const result = host.change(certificate("a.test", "x")).then(() => {
      changed = true;
    });
    await on.called("activate");
    await host.observe({ paths: ["/etc"], texts: new Map() });
    expect(changed).toBe(false);
    on.untell("activate-waits");
    await result;
  });
});

describe("private keys", () => {
  const marker = "MARKER-OF-A-KEY";

  it("THEN they are in no argument of any process, no message and no ledger, and in no file that is too open", async () => {
    // Temporary files are looked at as soon as they have been written.
    const modes = `stat() {
  for path do case $path in *.mail-sni-new) command stat -c '%a %n' "$path" >>'${on.control}/modes';; esac; done
  command stat "$@"
}
`;
    host = on.open({ transport: new ShellTransport(["sh"], modes) });
    const seen = new Set<string>();
    let watching = true;
    const watch = (async () => {
      while (watching) {
        for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
          try {
            for (const what of ["cmdline", "environ"]) {
              if (readFileSync(`/proc/${pid}/${what}`, "utf8").includes(marker)) seen.add(`${pid} ${what}`);
            }
          } catch {
            // It has ended, or is another user's.
          }
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const contents = `${marker}\n`.repeat(3000);
    const results = await Promise.all(
      ["a.test", "b.test", "c.test"].map((name) =>
        host.change(certificate(name, contents, { configuration: name === "b.test" ? "broken\n" : "" })),
      ),
    );
    watching = false;
    await watch;
    expect(results.map(({ errors }) => errors.length)).toEqual([0, 1, 0]);
    expect([...seen]).toEqual([]);
    expect(JSON.stringify(results)).not.toContain(marker);
    expect(readFileSync(on.ledgerPath, "utf8")).not.toContain(marker);
    const tooOpen = readFileSync(join(on.control, "modes"), "utf8")
      .split("\n")
      .filter((line) => /^\d*[1-7] /.test(line) && !/\.conf\.mail-sni-new$/.test(line));
    expect(tooOpen).toEqual([]);
    expect(readFileSync(join(on.control, "modes"), "utf8")).toMatch(/^600 .*\n640 |^640 .*\n600 /m);
  });
});

describe("a ledger that cannot be written in the end", () => {
  it("THEN the change is done all the same, that is said, and the next run repeats what it cannot know", async () => {
    const fullLater = `appends=0
append() {
  appends=$((appends + 1))
  if [ "$appends" -gt 1 ]; then echo 'No space left on device'; return 1; fi
  printf '%s' "$2" >>"$1" && stat -c '%i %s' -- "$1"
}
`;
    host = on.open({ transport: new ShellTransport(["sh"], fullLater) });
    const result = await host.change(certificate("a.test", "x"));
    expect(result.errors).toEqual([]);
    expect(result.warnings.map(({ summary }) => summary)).toEqual([
      'The changes on host "mx1" were made but not recorded',
    ]);
    expect([on.loaded("a.test"), on.ledger().pendingActivations.length]).toEqual(["x", 1]);
    on.calls();
    const next = await on.open().change(change({ token: "next", files: [text("/etc/next", "x")] }));
    expect(next).toMatchObject({ errors: [], warnings: [], pending: null });
    expect(on.calls()).toContain("activate");
    expect([on.ledger().pendingActivations, on.ledger().unfinished]).toEqual([[], []]);
  });
});

describeIf(asRoot, "file systems that refuse", () => {
  const mounted: string[] = [];
  afterEach(async () => {
    for (const path of mounted.splice(0)) await mustRun(["umount", path]);
  });

  async function mount(path: string, options: string): Promise<void> {
    mkdirSync(on.at(path), { recursive: true });
    await mustRun(["mount", "-t", "tmpfs", "-o", options, "tmpfs", on.at(path)]);
    mounted.push(on.at(path));
  }

  it("GIVEN a full one below some files THEN their change fails alone, and its files are the old ones", async () => {
    await mount("/full", "size=64k");
    const wanted = (contents: string, kind: "create" | "update") =>
      change({ kind, token: "full", files: [pem("/full/a", contents), pem("/etc/a", contents)] });
    expect((await host.change(wanted("old", "create"))).errors).toEqual([]);
    on.write("/full/fill", "x".repeat(48 * 1024));
    const [failed, fine] = await Promise.all([
      host.change(wanted("new".repeat(20_000), "update")),
      host.change(certificate("a.test", "x")),
    ]);
    expect(failed.errors.map(({ summary }) => summary)).toEqual(["/full/a cannot be written"]);
    expect(fine.errors).toEqual([]);
    expect([on.read("/full/a"), on.read("/etc/a"), on.leftovers()]).toEqual(["old", "old", []]);
  });

  it("GIVEN a full one below the ledger THEN nothing is changed, and works again when there is room", async () => {
    await mount(STATE_DIRECTORY, "size=16k");
    await host.change(certificate("a.test", "old"));
    on.write(`${STATE_DIRECTORY}/fill`, "");
    const fill = on.at(`${STATE_DIRECTORY}/fill`);
    await mustRun(["sh", "-c", 'dd if=/dev/zero of="$1" bs=4096 count=8 2>/dev/null || true', "sh", fill]);
    const many = Array.from({ length: 300 }, (_, index) => pem(`/etc/many/${index}`, "x"));
    const { errors } = await host.change(change({ token: "many", files: many }));
    expect(errors[0]?.summary).toBe('The ledger of host "mx1" cannot be written');
    expect(on.has("/etc/many")).toBe(false);
    rmSync(fill);
    expect((await host.change(certificate("a.test", "new", { kind: "update" }))).errors).toEqual([]);
    expect([on.loaded("a.test"), on.ledger().pendingActivations]).toEqual(["new", []]);
  });

  it("GIVEN a read-only one THEN that change fails alone", async () => {
    await mount("/readonly", "size=64k");
    on.write("/readonly/a", "old");
    await mustRun(["mount", "-o", "remount,ro", on.at("/readonly")]);
    const [failed, fine] = await Promise.all([
      host.change(change({ token: "ro", files: [pem("/readonly/a", "new")] })),
      host.change(certificate("a.test", "x")),
    ]);
    expect(failed.errors[0]?.detail).toMatch(/Read-only file system.*The previous version is unchanged/s);
    expect([fine.errors, on.read("/readonly/a")]).toEqual([[], "old"]);
  });

  it("GIVEN a read-only one below the ledger THEN the host cannot be used", async () => {
    await mount(STATE_DIRECTORY, "size=64k,ro");
    const { errors } = await host.change(certificate("a.test", "x"));
    expect(errors[0]?.detail).toContain("Read-only file system");
  });

  it("GIVEN an immutable file or directory THEN that change fails alone, and the files are the old ones", async () => {
    await host.change(certificate("a.test", "old"));
    await host.change(certificate("b.test", "old"));
    const { served } = pathsOf("a.test");
    const directory = "/var/filed/b.test";
    await mustRun(["chattr", "+i", on.at(served), on.at(directory)]);
    try {
      const results = await Promise.all(
        ["a.test", "b.test", "c.test"].map((name) =>
          host.change(certificate(name, "new", { kind: name === "c.test" ? "create" : "update" })),
        ),
      );
      expect(results.map(({ errors }) => errors.map(({ summary }) => summary))).toEqual([
        [`${served} cannot be replaced`],
        [`${pathsOf("b.test").filed} cannot be written`],
        [],
      ]);
      expect([on.read(served), on.read(pathsOf("b.test").filed), on.loaded("c.test")]).toEqual([
        "old",
        "old",
        "new",
      ]);
      const [removed] = await Promise.all([host.change(withoutCertificate("a.test"))]);
      expect(removed.errors[0]?.summary).toBe(`${served} cannot be removed`);
      expect([on.read(served), on.loaded("a.test"), on.leftovers()]).toEqual(["old", "old", []]);
    } finally {
      await mustRun(["chattr", "-i", on.at(served), on.at(directory)]);
    }
  });

  it("GIVEN one without hard links THEN files come, change and are put back all the same", async () => {
    const noLinks = 'ln() { case $1 in -T) return 1;; *) command ln "$@";; esac; }\n';
    host = on.open({ transport: new ShellTransport(["sh"], noLinks) });
    const aliases = ["imap.a.test"];
    expect((await host.change(certificate("a.test", "old", { aliases }))).errors).toEqual([]);
    expect((await host.change(certificate("a.test", "new", { kind: "update", aliases }))).errors).toEqual([]);
    const broken = { kind: "update", aliases, configuration: "broken\n" } as const;
    expect((await host.change(certificate("a.test", "newer", broken))).errors).toHaveLength(1);
    expect(
      (await host.change(certificate("b.test", "x", { configuration: "broken\n" }))).errors,
    ).toHaveLength(1);
    expect([on.loaded("imap.a.test"), on.read(pathsOf("a.test").served)]).toEqual(["new", "new"]);
    expect([on.has(pathsOf("b.test").filed), on.leftovers()]).toEqual([false, []]);
  });

  it("GIVEN an unprivileged user THEN what that user may not do fails with the system's words", async () => {
    chmodSync(join(on.root, ".."), 0o755);
    await mustRun(["chown", "-R", "65534", on.root]);
    mkdirSync(on.at("/closed"), { mode: 0o755 });
    host = on.open({
      settings: { applyOwnership: false },
      transport: new ShellTransport(["setpriv", "--reuid", "65534", "--clear-groups", "sh"]),
    });
    expect(
      (await host.change(change({ token: "t", files: [pem("/own/a", "x")], links: [link("/own/b", "a")] })))
        .errors,
    ).toEqual([]);
    const { errors } = await host.change(change({ token: "t2", files: [pem("/closed/a", "x")] }));
    expect(errors[0]?.detail).toContain("Permission denied");
  });
});

describe("close", () => {
  it("WHEN changes are under way THEN it waits for them, and no shell is left", async () => {
    const transport = new ShellTransport();
    host = on.open({ transport });
    const results = [
      host.change(certificate("a.test", "x")),
      host.observe({ paths: ["/"], texts: new Map() }),
    ];
    await host.close();
    await Promise.all(results);
    expect(on.loaded("a.test")).toBe("x");
    expect(transport.opened.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    writeFileSync(join(on.control, "log"), "");
  });
});
