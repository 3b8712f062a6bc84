import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Host } from "../../../lib/provider/host/host";
import { JobUnfinished } from "../../../lib/provider/host/host-jobs";
import { type Job, jobConclusion } from "../../../lib/provider/host/jobs/job-conclusion";
import type { RunState } from "../../../lib/provider/host/jobs/job-run";
import type { Timeouts } from "../../../lib/shared/transport/timeouts";
import { LocalTransport, type Transport } from "../../../lib/shared/transport/transport";
import { HostUnreachable } from "../../../lib/shared/transport/unreachable";
import { root as asRoot, describeIf } from "../../support/requirements";
import { certificate } from "./support/changes";
import { SHELLS, ShellTransport } from "./support/shells";
import { TestHost } from "./support/test-host";

const ID = "0123456789abcdef";
const never = new AbortController().signal;

let on: TestHost;
beforeEach(() => {
  on = new TestHost();
});
afterEach(() => on.remove());

const jobFile = (name: string) => on.at(`/var/lib/mail-sni/jobs/${ID}/${name}`);

/** A job that notes its run, then does what it is told. */
function job(does = "", parts: Partial<Job> = {}): Job {
  const command = ["sh", "-c", `echo $$ >>'${join(on.control, "runs")}'; ${does}`];
  return { id: ID, command, trigger: "1".repeat(64), resultFile: null, ...parts };
}

/** The process of each run of the job. */
function runs(): number[] {
  const log = join(on.control, "runs");
  return existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").map(Number) : [];
}

const stateOf = async (host: Host, of: Job): Promise<RunState["is"] | undefined> =>
  (await host.jobs.observe(of)).run?.state.is;

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(20);
}

/** The process that leads the run. */
const leader = () => Number(readFileSync(jobFile("process"), "utf8").split(" ")[0]);

/** Ends every process of the run at once, as a restart of the host does. */
function killRun(): void {
  const session = leader();
  spawnSync("pkill", ["-KILL", "-s", String(session)]);
}

const open = (timeouts: Partial<Timeouts> = {}, transport: Transport = new LocalTransport()) =>
  on.open({ transport, timeouts: { jobLookMs: 100, jobRetryMs: 50, ...timeouts } });

describe.each(SHELLS.map((shell) => [shell[0], shell] as const))("a job, started by %s", (_, shell) => {
  const withPrelude = (prelude: string) => open({}, new ShellTransport(shell, prelude));

  it("THEN it runs once, in a session of its own, with any arguments, and leaves nothing open to others", async () => {
    const words = ["", "a b", "'\"$(id)`id`\\", "line\nline", "-n", "*", "\x1e0"];
    const of = job(
      `printf '%s|' "$@"; echo; ps -o sid= -p $$; echo stdin:; cat; ls -l /proc/$$/fd; umask; pwd`,
      {},
    );
    const all: Job = { ...of, command: [...of.command, "sh", ...words] };
    const host = withPrelude("");
    const found = await host.jobs.run(all, never);
    expect(jobConclusion(all, found)).toEqual({ is: "done", pending: null, result: null });
    const output = readFileSync(jobFile("output"), "utf8");
    expect(output).toContain(`${words.join("|")}|\n`);
    expect(output).toContain("stdin:\ntotal");
    expect(output).not.toMatch(/jobs\/[^/]+\/lock|mail-sni\/lock/);
    expect(output).toMatch(/0022\n\/\n$/);
    expect(Number(/^ *(\d+)$/m.exec(output)?.[1])).not.toBe(process.pid);
    expect(runs()).toHaveLength(1);
    const modes = ["", "lock", "run", "output", "exit", "process"].map(
      (name) => statSync(jobFile(name)).mode & 0o777,
    );
    expect(modes).toEqual([0o700, ...Array(5).fill(0o600)]);
  });

  const once = (what: string) => `[ -e '${"MARK"}' ] || { true >'${"MARK"}'; ${what}; }`;
  it.each([
    ["before the run is noted", `sync() { ${once("kill -9 $$")}; command sync "$@"; }`],
    [
      "when the run is noted, and before it begins",
      `setsid() { ${once("kill -9 $$; exit")}; command setsid "$@"; }`,
    ],
    [
      "when it has begun, before the answer",
      `eval "$(printf 'begin_job_really()'; command -v begin_job >/dev/null; echo ' { :; }')"
       call() { "$@" </dev/null 2>&1; s=$?; [ "$1" != begin_job ] || { ${once("kill -9 $$")}; }; printf '\\n\\036%s\\n' "$s"; cd / ; }`,
    ],
  ])("GIVEN its shell is killed %s THEN the job runs exactly once", async (_, prelude) => {
    const host = withPrelude(`${prelude.replaceAll("MARK", join(on.control, "mark"))}\n`);
    const of = job("sleep 0.3");
    const { run } = await host.jobs.run(of, never);
    expect(run?.state).toMatchObject({ is: "ended", exitStatus: 0 });
    expect(existsSync(join(on.control, "mark"))).toBe(true);
    expect(runs()).toHaveLength(1);
  });

  it("GIVEN it ends while it is looked at THEN its end is told, and not that it is gone", async () => {
    const mark = join(on.control, "mark");
    // What `runs` asks first, when there was no end yet.
    const host = withPrelude(`boot() {
      if [ -f ./process ] && [ ! -f ./exit ]; then true >'${mark}'; until [ -f ./exit ]; do sleep 0.02; done; sleep 0.3; fi
      cat /proc/sys/kernel/random/boot_id
    }
    `);
    const { run } = await host.jobs.run(job(`until [ -e '${mark}' ]; do sleep 0.02; done; exit 7`), never);
    expect(run?.state).toMatchObject({ is: "ended", exitStatus: 7 });
    expect(runs()).toHaveLength(1);
  });

  it("GIVEN several applies at once THEN the job runs once, and each gets its end", async () => {
    const of = job("sleep 0.5; exit 7");
    const hosts = Array.from({ length: 4 }, () => withPrelude(""));
    const found = await Promise.all(hosts.map((host) => host.jobs.run(of, never)));
    expect(found.map(({ run }) => run?.state)).toEqual(
      found.map(() => expect.objectContaining({ is: "ended", exitStatus: 7 })),
    );
    expect(new Set(found.map(({ run }) => run?.id)).size).toBe(1);
    expect(runs()).toHaveLength(1);
  });
});

describe("a job", () => {
  it("GIVEN a shell that is killed while it waits THEN a new one waits on, and no second run begins", async () => {
    const transport = new ShellTransport();
    const host = open({}, transport);
    const result = host.jobs.run(job("sleep 1"), never);
    await until(() => runs().length > 0);
    transport.kill();
    expect((await result).run?.state).toMatchObject({ is: "ended", exitStatus: 0 });
    expect(transport.opened.length).toBeGreaterThan(1);
    expect(runs()).toHaveLength(1);
  });

  it("GIVEN the host cannot be reached any more THEN it says so after a while, and the next apply waits for the same run", async () => {
    const local = new LocalTransport();
    let cut = false;
    const transport: Transport = {
      open: async (lifetimeMs) => {
        if (cut) throw new HostUnreachable("the network is down");
        const session = await local.open(lifetimeMs);
        return new Proxy(session, {
          get: (of, name) => {
            if (name === "round" && cut)
              return () => Promise.reject(new HostUnreachable("the network is down"));
            const value = Reflect.get(of, name, of);
            return typeof value === "function" ? value.bind(of) : value;
          },
        });
      },
      connect: async () => {},
      target: (endpoint) => local.target(endpoint),
    };
    const of = job("sleep 2");
    const result = open({ jobLostMs: 300 }, transport).jobs.run(of, never);
    result.catch(() => {});
    await until(() => runs().length > 0);
    cut = true;
    await expect(result).rejects.toMatchObject({
      end: "lost",
      message: expect.stringContaining("network is down"),
    });
    expect((await open().jobs.run(of, never)).run?.state).toMatchObject({ is: "ended", exitStatus: 0 });
    expect(runs()).toHaveLength(1);
  });

  it("GIVEN several jobs of a host that has files WHEN they are read together THEN each answer is about its own", async () => {
    const owner = on.open();
    expect((await owner.change(certificate("a.test", "x"))).errors).toEqual([]);
    const host = open();
    const all = ["1", "2", "3", "4"].map((digit) => job("", { id: digit.repeat(16) }));
    const found = await Promise.all(all.map((of) => host.jobs.observe(of)));
    expect(found.map(({ run }) => run)).toEqual(all.map(() => undefined));
  });

  it("GIVEN Ctrl-C THEN the apply stops to wait, the job goes on, and the next apply waits for it", async () => {
    const interrupt = new AbortController();
    const of = job("sleep 1; exit 5");
    const result = open().jobs.run(of, interrupt.signal);
    result.catch(() => {});
    await until(() => runs().length > 0);
    interrupt.abort();
    await expect(result).rejects.toMatchObject({ end: "interrupted" });
    const next = open();
    expect(await stateOf(next, of)).toBe("running");
    expect((await next.jobs.run(of, never)).run?.state).toMatchObject({ exitStatus: 5 });
    expect(runs()).toHaveLength(1);
  });

  it("GIVEN a job that runs for longer than an apply waits THEN the apply ends, and the job goes on", async () => {
    const of = job("sleep 30");
    const host = open({ jobWaitMs: 200 });
    await expect(host.jobs.run(of, never)).rejects.toBeInstanceOf(JobUnfinished);
    await expect(host.jobs.remove(of, never)).rejects.toMatchObject({ end: "late" });
    expect(await stateOf(host, of)).toBe("running");
    killRun();
  });

  it("GIVEN a job that does not end THEN it is ended on the host, and has failed", async () => {
    const of = job("sleep 30");
    const found = await open({ jobRunMs: 300 }).jobs.run(of, never);
    expect(jobConclusion(of, found)).toMatchObject({
      is: "failed",
      pending: "the job has ended with exit status 124",
    });
  });

  it("GIVEN a run for another trigger THEN it waits for its end before it begins one of its own", async () => {
    const first = job(`sleep 0.5; echo first-ends >>'${join(on.control, "log2")}'`);
    const earlier = open().jobs.run(first, never);
    await until(() => runs().length > 0);
    const other = job(`echo second >>'${join(on.control, "log2")}'`, { trigger: "2".repeat(64) });
    await open().jobs.run(other, never);
    await earlier.catch(() => {});
    expect(readFileSync(join(on.control, "log2"), "utf8")).toMatch(/^first-ends\nsecond\n/);
  });

  it("GIVEN it cannot run now (exit status 75) THEN it is started again until it can", async () => {
    const of = job(`[ "$(wc -l <'${join(on.control, "runs")}')" -ge 3 ] || exit 75`);
    const found = await open().jobs.run(of, never);
    expect(jobConclusion(of, found).is).toBe("done");
    expect(runs()).toHaveLength(3);
  });

  it("GIVEN a run that was successful, or one that has failed THEN only the latter is repeated by the next apply", async () => {
    const of = job(`[ -e '${join(on.control, "good")}' ]`);
    expect(jobConclusion(of, await open().jobs.run(of, never)).is).toBe("failed");
    on.tell("good");
    expect(jobConclusion(of, await open().jobs.run(of, never)).is).toBe("done");
    expect(jobConclusion(of, await open().jobs.run(of, never)).is).toBe("done");
    expect(runs()).toHaveLength(2);
  });

  describe("a run that has ended without a word", () => {
    const interrupted = async (of: Job) => {
      const interrupt = new AbortController();
      const result = open().jobs.run(of, interrupt.signal);
      result.catch(() => {});
      await until(() => runs().length > 0);
      interrupt.abort();
      await result.catch(() => {});
    };

    it("GIVEN all its processes were killed THEN it is gone, and the next apply starts another", async () => {
      const of = job(`[ -e '${join(on.control, "good")}' ] || sleep 30`);
      await interrupted(of);
      killRun();
      const host = open();
      await until(async () => (await stateOf(host, of)) === "gone");
      expect(jobConclusion(of, await host.jobs.observe(of)).pending).toContain(
        "killed, or the host was restarted",
      );
      on.tell("good");
      expect(jobConclusion(of, await host.jobs.run(of, never)).is).toBe("done");
      expect(runs()).toHaveLength(2);
    });

    it("GIVEN it is killed while the apply waits THEN the apply says so instead of starting another", async () => {
      const of = job("sleep 30");
      const host = open();
      const result = host.jobs.run(of, never);
      await until(() => runs().length > 0);
      killRun();
      expect((await result).run?.state).toEqual({ is: "gone" });
      expect(runs()).toHaveLength(1);
    });

    it("GIVEN its first process alone was killed THEN it runs on until the others have ended", async () => {
      const of = job(`sleep 1; echo >'${join(on.control, "finished")}'`);
      await interrupted(of);
      process.kill(leader(), "SIGKILL");
      const host = open();
      expect(await stateOf(host, of)).toBe("running");
      await until(async () => (await stateOf(host, of)) !== "running");
      expect(existsSync(join(on.control, "finished"))).toBe(true);
      expect(await stateOf(host, of)).toBe("gone");
    });

    it("GIVEN the number of its process belongs to another one now THEN it is gone", async () => {
      const of = job("sleep 30");
      await interrupted(of);
      killRun();
      writeFileSync(jobFile("process"), `${process.pid} 1\n`);
      expect(await stateOf(open(), of)).toBe("gone");
    });

    it("GIVEN the host was restarted THEN it is gone, even if its process seems to be alive", async () => {
      const of = job("sleep 30");
      await interrupted(of);
      const host = open();
      expect(await stateOf(host, of)).toBe("running");
      const words = readFileSync(jobFile("run"), "utf8").split(" ");
      writeFileSync(jobFile("run"), [...words.slice(0, 2), "another-boot", words[3]].join(" "));
      expect(await stateOf(host, of)).toBe("gone");
      killRun();
    });
  });

  it("GIVEN a command that leaves a daemon behind THEN the job ends without it", async () => {
    const of = job(`sleep 60 & echo $! >'${join(on.control, "daemon")}'`);
    try {
      expect((await open().jobs.run(of, never)).run?.state).toMatchObject({ is: "ended", exitStatus: 0 });
    } finally {
      process.kill(Number(readFileSync(join(on.control, "daemon"), "utf8")));
    }
  });

  it("GIVEN a job that prints megabytes, and a key THEN its end is kept on the host, and a message has no key", async () => {
    const key = "-----BEGIN PRIVATE KEY-----\nMIIsecret\n-----END PRIVATE KEY-----";
    const of = job(`head -c 3000000 /dev/zero | tr '\\0' x; echo; echo '${key}'; echo last; exit 1`);
    const host = open();
    await host.jobs.run(of, never);
    expect(statSync(jobFile("output")).size).toBeLessThanOrEqual(65_536);
    const said = await host.jobs.output(of);
    expect(said).toMatch(/\nlast$/);
    expect(said).not.toContain("secret");
    expect(said.length).toBeLessThanOrEqual(1000);
  });

  it("GIVEN what is no record THEN nothing of it is taken, and the message says so", async () => {
    const of = job();
    const host = open();
    await host.jobs.run(of, never);
    writeFileSync(jobFile("run"), "\x1b[2J ".repeat(1000));
    await expect(host.jobs.observe(of)).rejects.toThrow("garbled");
  });

  describeIf(asRoot, "with other users on the host", () => {
    const state = () => on.at("/var/lib/mail-sni");
    const OTHER = 65_534;
    it.each([
      ["a link in place of jobs", () => symlinkSync(on.at("/victim"), join(state(), "jobs"))],
      [
        "jobs of another user",
        () => [mkdirSync(join(state(), "jobs")), chownSync(join(state(), "jobs"), OTHER, OTHER)],
      ],
      [
        "a job's directory of another user",
        () => [
          mkdirSync(join(state(), "jobs", ID), { recursive: true }),
          chownSync(join(state(), "jobs", ID), OTHER, OTHER),
        ],
      ],
      [
        "a link in place of the job's directory",
        () => [mkdirSync(join(state(), "jobs")), symlinkSync(on.at("/victim"), join(state(), "jobs", ID))],
      ],
      [
        "a pipe in place of its lock",
        () => [
          mkdirSync(join(state(), "jobs", ID), { recursive: true }),
          spawnSync("mkfifo", [jobFile("lock")]),
        ],
      ],
      [
        "a link in place of its lock",
        () => [
          mkdirSync(join(state(), "jobs", ID), { recursive: true }),
          symlinkSync(on.at("/victim/lock"), jobFile("lock")),
        ],
      ],
    ])("GIVEN %s THEN no job is started, and nothing behind it is touched", async (_, plant) => {
      mkdirSync(state(), { recursive: true });
      on.write("/victim/lock", "victim");
      on.write("/victim/run", "victim");
      chmodSync(on.at("/victim/lock"), 0o644);
      plant();
      await expect(open().jobs.run(job(), never)).rejects.toThrow(/move it away/);
      expect(runs()).toEqual([]);
      expect(on.read("/victim/lock") + on.read("/victim/run")).toBe("victimvictim");
      expect(on.mode("/victim/lock")).toBe("0644");
    });

    it("GIVEN links that were planted at the names of its files THEN they are replaced, not followed", async () => {
      const of = job("echo words");
      mkdirSync(join(state(), "jobs", ID), { recursive: true });
      on.write("/victim", "victim");
      for (const name of [
        "run",
        "process",
        "output",
        "exit",
        "run.new",
        "process.new",
        "exit.new",
        "output.new",
      ]) {
        symlinkSync(on.at("/victim"), jobFile(name));
      }
      rmSync(jobFile("run"));
      await open().jobs.run(of, never);
      expect(on.read("/victim")).toBe("victim");
      expect(runs()).toHaveLength(1);
    });
  });
});
