import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseJobResult } from "../../../lib/shared/host-job/job-result";
import { findCommand } from "../../support/commands";
import { busybox, describeIf, root } from "../../support/requirements";
import { RenewalHost, type Row } from "./support/renewal-host";

const A: Row = { names: ["a.test", "imap.a.test"] };
const B: Row = { names: ["b.test"] };

describe("`renewal run`", () => {
  let on: RenewalHost;
  beforeEach(() => {
    on = new RenewalHost();
    on.declare(A);
  });
  afterEach(() => on.remove());

  /** A program in place of dehydrated, which does what dehydrated does for a moment. */
  function dehydratedDoes(script: string): Record<string, string> {
    const bin = join(on.temporary, "bin");
    on.write(join(bin, "dehydrated"), `#!/bin/bash\n${script}`, 0o755);
    return { PATH: `${bin}:${process.env.PATH}` };
  }

  it("GIVEN a hook that starts a daemon, which keeps its output open, THEN the run ends", async () => {
    const pem = await on.order(A);
    const pid = join(on.temporary, "pid");
    on.hook = join(on.temporary, "hook");
    on.write(on.hook, `#!/bin/sh\nsleep 60 &\necho $! >'${pid}'\n`, 0o755);
    on.declare(A);
    const env = dehydratedDoes(
      `'${on.program}' unchanged_cert a.test '${on.work}/certs/a.test/privkey.pem'\n`,
    );
    const ended = await on.run(["run"], { shell: ["timeout", "20", "dash"], env });
    process.kill(Number(readFileSync(pid, "utf8")));
    expect([ended, on.loaded("a.test")]).toEqual([{ exitCode: 0, output: "" }, pem]);
  });

  it("GIVEN a hook of the user that fails for a row that is not due THEN dehydrated goes on, and that row alone fails", async () => {
    for (const row of [A, B]) await on.order(row);
    on.hook = join(on.temporary, "hook");
    on.write(on.hook, '#!/bin/sh\n[ "$1 $2" != "unchanged_cert a.test" ]\n', 0o755);
    on.declare(A, B);
    const unchanged = ["a.test", "b.test"].map(
      (row) =>
        `echo 'Processing ${row}'\n'${on.program}' unchanged_cert ${row} '${on.work}/certs/${row}/privkey.pem'\n`,
    );
    const { exitCode } = await on.run(["run"], { env: dehydratedDoes(`set -e\n${unchanged.join("")}`) });
    expect(exitCode).toBe(1);
    expect(on.result()).toMatchObject({
      "a.test": { status: "failed", message: expect.stringContaining(`the hook ${on.hook} has failed`) },
      "b.test": { status: "ok" },
    });
  });

  /** A row as dehydrated leaves it: `cert.pem` is the first certificate of the chain. */
  async function orderWhole(row: Row): Promise<void> {
    const pem = await on.order(row);
    const leaf = pem.slice(pem.indexOf("-----BEGIN CERT"));
    writeFileSync(join(on.work, "certs", row.names[0], "cert.pem"), leaf);
  }

  const damages: [string, (pem: string) => string][] = [
    ["empty", () => ""],
    ["of zeros", (pem) => "\0".repeat(pem.length)],
    ["cut off", (pem) => pem.slice(0, 200)],
  ];

  it.each([
    ...damages.map(([what, damaged]) => ["cert.pem", what, damaged] as const),
    ...damages.map(([what, damaged]) => ["privkey.pem", what, damaged] as const),
    ...damages.map(([what, damaged]) => ["fullchain.pem", what, damaged] as const),
    ["fullchain.pem", "cut off in its second certificate", (pem: string) => pem.slice(0, -100)] as const,
  ])(
    "GIVEN a %s of dehydrated that is %s THEN its certificate is ordered again, and no other is",
    async (name, _, damaged) => {
      on.declare(A, B);
      for (const row of [A, B]) await orderWhole(row);
      const file = join(on.work, "certs/a.test", name);
      writeFileSync(file, damaged(readFileSync(file, "utf8")));
      // dehydrated orders a row without `cert.pem`, and makes a key for one without `privkey.pem`.
      const env = dehydratedDoes(
        `cd '${on.work}/certs' && ls */cert.pem */privkey.pem | sort >'${on.temporary}/there'\n`,
      );
      const { output } = await on.run(["run"], { env });
      const there = readFileSync(join(on.temporary, "there"), "utf8").trim().split("\n");
      const key = name === "privkey.pem" ? [] : ["a.test/privkey.pem"];
      expect(there).toEqual([...key, "b.test/cert.pem", "b.test/privkey.pem"]);
      expect(output).toContain(`a.test: ${file} is damaged`);
      expect(output).not.toContain("b.test: /");
    },
  );

  it("GIVEN a key of dehydrated that has gone THEN its certificate is ordered again", async () => {
    await orderWhole(A);
    const directory = join(on.work, "certs/a.test");
    rmSync(join(directory, "privkey.pem"));
    await on.run(["run"], { env: dehydratedDoes("true\n") });
    expect(readdirSync(directory)).not.toContain("cert.pem");
  });

  it("GIVEN dehydrated never ends THEN it is ended with all that it has started, and what it has ordered is installed", async () => {
    on.declare(A, B);
    const pem = await on.order(A);
    const env = dehydratedDoes(
      `'${on.program}' deploy_cert a.test '${on.work}/certs/a.test/privkey.pem'\necho 'Processing b.test'\nsleep 1000\n`,
    );
    const ended = await on.run(["run"], { env, prelude: "ordering_seconds=2\n" });
    expect([ended.exitCode, on.loaded("a.test")]).toEqual([1, pem]);
    expect(on.result()).toMatchObject({
      "a.test": { status: "ok" },
      "b.test": {
        status: "failed",
        message: expect.stringContaining("it did not end within 2 s, and was ended"),
      },
    });
    // Nothing holds the lock any more.
    expect((await on.run(["run"], { env: dehydratedDoes("true\n") })).output).not.toContain("in progress");
  });

  it("GIVEN a hook of the user that hangs for one row THEN that row alone fails, and says so", async () => {
    for (const row of [A, B]) await on.order(row);
    on.hook = join(on.temporary, "hook");
    on.webroot = join(on.temporary, "webroot");
    on.write(on.hook, '#!/bin/sh\n[ "$2" != a.test ] || exec sleep 1000\n', 0o755);
    on.declare(A, B);
    const rows = ["a.test", "b.test"].map(
      (row) =>
        `echo 'Processing ${row}'\n'${on.program}' deploy_challenge ${row} token key && ` +
        `'${on.program}' deploy_cert ${row} '${on.work}/certs/${row}/privkey.pem' || echo 'ERROR: deploy_challenge failed'\n`,
    );
    const prelude = "hook_seconds=1\n";
    await on.run(["run"], { env: dehydratedDoes(rows.join("")), prelude });
    expect(on.result()).toMatchObject({
      "a.test": {
        status: "failed",
        message: expect.stringContaining(`the hook ${on.hook} did not end within 1 s (deploy_challenge)`),
      },
      "b.test": { status: "ok" },
    });
  });

  it("GIVEN a run that is told to end THEN dehydrated ends with it, and the next run begins", async () => {
    const [pid, began] = [join(on.temporary, "pid"), join(on.temporary, "began")];
    execFileSync("mkfifo", [began]);
    const env = dehydratedDoes(`echo $$ >'${pid}'; echo >'${began}'; exec sleep 1000\n`);
    const stop = `"$0" "$@" & run=$!; read _ <'${began}'; kill "$run"; wait "$run"`;
    await on.run(["run"], { shell: ["bash", "-c", stop, "dash"], env });
    expect(() => process.kill(Number(readFileSync(pid, "utf8")), 0)).toThrow();
    expect((await on.run(["run"], { env: dehydratedDoes("true\n") })).output).not.toContain("in progress");
  });

  it("GIVEN dehydrated is killed THEN no temporary file with a key outlives the next run, and none is in /tmp", async () => {
    const file = join(on.temporary, "temporary");
    const leave = `key=$(mktemp "\${TMPDIR:-/tmp}/dehydrated-XXXXXX"); echo "$key" >'${file}'; kill -9 $$\n`;
    expect((await on.run(["run"], { env: dehydratedDoes(leave) })).exitCode).toBe(1);
    const key = readFileSync(file, "utf8").trim();
    expect(key).toMatch(new RegExp(`^${on.work}/`));
    expect(readdirSync(on.work)).not.toContain("now");
  });

  it("GIVEN a hook of the user THEN it gets no directory of the run for its temporary files", async () => {
    const file = join(on.temporary, "temporary");
    on.hook = join(on.temporary, "hook");
    on.write(on.hook, `#!/bin/sh\necho "$1 \${TMPDIR-none}" >>'${file}'\n`, 0o755);
    on.declare(A);
    await on.run(["run"], { env: dehydratedDoes(`'${on.program}' startup_hook\n`) });
    expect(readFileSync(file, "utf8")).toBe("startup_hook none\n");
  });

  it("GIVEN a table that cannot be used THEN the result says that the run failed, and keeps what is known of the rows", async () => {
    await on.order(A);
    await on.run(["install"]);
    const rows = on.result();
    writeFileSync(join(on.directory, "table"), `${on.tableOf([A])}unknown\tline\n`);
    expect((await on.run(["run"])).exitCode).toBe(1);
    const result = parseJobResult(readFileSync(join(on.work, "result"), "utf8"));
    expect([result.exitStatus, on.result()]).toEqual([1, rows]);
  });

  it("GIVEN variables of others in the environment THEN they change nothing", async () => {
    const pem = await on.order(A);
    const env = {
      POSIXLY_CORRECT: "1",
      IFS: "xyz/.",
      CDPATH: "/tmp:/",
      QUOTING_STYLE: "locale",
      TZ: "Asia/Tokyo",
      TMPDIR: "/nonexistent",
      OPENSSL_CONF: "/nonexistent",
      LC_ALL: "C.UTF-8",
      TIME_STYLE: "long-iso",
      ...{
        state: "x",
        work: "/tmp/x",
        webroot: "/tmp/x",
        user_hook: "false",
        pem: "x",
        private: "x",
        linked: "/",
        me: "1",
      },
    };
    expect(await on.run(["install"], { env })).toEqual({ exitCode: 0, output: "" });
    expect([on.loaded("a.test"), on.result()["a.test"]?.status]).toEqual([pem, "ok"]);
  });

  describeIf(busybox, "GIVEN the awk of busybox", () => {
    it("THEN rows come and go as with any other", async () => {
      const bin = join(on.temporary, "bin");
      mkdirSync(bin);
      symlinkSync(findCommand("busybox") as string, join(bin, "awk"));
      const env = { PATH: `${bin}:${process.env.PATH}` };
      const [, b] = [await on.order(A), await on.order(B)];
      expect(await on.run(["install"], { env })).toEqual({ exitCode: 0, output: "" });
      on.declare(B);
      expect(await on.run(["install"], { env })).toEqual({ exitCode: 0, output: "" });
      expect([on.loaded("a.test"), on.loaded("b.test"), on.leftovers()]).toEqual([undefined, b, []]);
    });
  });

  it("GIVEN a row whose name is a pattern THEN the table is refused", async () => {
    on.declare({ names: ["a.test"], alias: "*.test" });
    expect(await on.run(["install"])).toEqual({ exitCode: 1, output: expect.stringMatching(/no name/) });
  });

  it("GIVEN awk is killed while it writes the record THEN the record of before stays", async () => {
    await on.order(A);
    await on.run(["install"]);
    const record = readFileSync(join(on.work, "installed"), "utf8");
    const prelude =
      'awk() { case "$*" in *mail-sni-installed*) echo cut; return 137 ;; esac; command awk "$@"; }\n';
    await on.run(["install"], { prelude });
    expect(readFileSync(join(on.work, "installed"), "utf8")).toBe(record);
  });

  it.each([
    ["whole", "-----BEGIN EC PRIVATE KEY-----\\nc2VjcmV0\\n-----END EC PRIVATE KEY-----\\n"],
    ["without its beginning", "c2VjcmV0\\n-----END PRIVATE KEY-----\\n"],
    ["without its end", "-----BEGIN PRIVATE KEY-----\\nc2VjcmV0\\n"],
  ])(
    "GIVEN a hook that prints a key, %s, THEN nothing of it is in a log or in the result",
    async (_, key) => {
      const env = dehydratedDoes(`printf 'before\\n${key}'; exit 1\n`);
      const { output } = await on.run(["run"], { env });
      expect(output).toMatch(/a\.test: failed/);
      expect([output, readFileSync(join(on.work, "result"), "utf8")].join()).not.toMatch(
        /c2VjcmV0|PRIVATE KEY/,
      );
    },
  );

  it("GIVEN a check that prints the end of a key THEN nothing of it is in a log or in the result", async () => {
    await on.order(A);
    on.services = on.services.map((line) =>
      line.startsWith("check\t")
        ? "check\tserved\tsh\t-c\tprintf 'c2VjcmV0\\n-----END PRIVATE KEY-----\\n' >&2; exit 1"
        : line,
    );
    on.declare(A);
    const { output } = await on.run(["install"]);
    expect(output).toMatch(/a\.test: /);
    expect([output, readFileSync(join(on.work, "result"), "utf8")].join()).not.toMatch(
      /c2VjcmV0|PRIVATE KEY/,
    );
  });

  describeIf(root, "GIVEN a host with systemd", () => {
    it.each([
      [
        "a timer that systemd reads THEN it is started",
        "systemd",
        "0",
        0,
        ["daemon-reload", "cat", "restart", "is-active"],
      ],
      ["a timer that it does not read THEN that is an error", "systemd", "1", 1, ["daemon-reload", "cat"]],
      [
        "no timer of systemd THEN an earlier one is stopped",
        "cron",
        "0",
        0,
        ["stop", "reset-failed", "daemon-reload"],
      ],
    ])("WHEN it is activated with %s", async (_, kind, KNOWN, exitCode, asks) => {
      const log = join(on.temporary, "log");
      const bin = join(on.temporary, "bin");
      on.timer = [kind, "/opt/units/mail-sni-dehydrated.timer"];
      on.declare(A);
      on.write(
        join(bin, "systemctl"),
        `#!/bin/sh\necho "$*" >>'${log}'\n[ "$1" != cat ] || exit "$KNOWN"\n`,
        0o755,
      );
      const within = 'mount -t tmpfs none /run && mkdir -p /run/systemd/system && exec dash "$0" "$@"';
      const shell = ["unshare", "-m", "sh", "-c", within] as const;
      const ended = await on.run(["activate"], { shell, env: { PATH: `${bin}:${process.env.PATH}`, KNOWN } });
      expect(ended.exitCode, ended.output).toBe(exitCode);
      const lines = readFileSync(log, "utf8").trim().split("\n");
      expect(lines.map((line) => line.split(" ", 1)[0])).toEqual(asks);
    });
  });

  it("GIVEN a failed row THEN it is said on standard error, which cron mails", async () => {
    const env = dehydratedDoes("echo 'ERROR: no way'; exit 1\n");
    const quiet = ["sh", "-c", 'exec dash "$0" "$@" >/dev/null'] as const;
    const { output } = await on.run(["run"], { shell: quiet, env });
    expect(output).toMatch(/a\.test: failed: dehydrated has ordered no certificate: no way/);
  });

  it("GIVEN a syslog that hangs THEN a run ends all the same", async () => {
    const env = dehydratedDoes("exit 1\n");
    on.write(join(on.temporary, "bin/logger"), "#!/bin/sh\nexec sleep 1000\n", 0o755);
    const ended = await on.run(["run"], { shell: ["timeout", "60", "dash"], env });
    expect([ended.exitCode, ended.output]).toEqual([1, expect.stringMatching(/a\.test: failed/)]);
  });

  it("GIVEN an error before the first row THEN it is why each row failed, not what dehydrated said last", async () => {
    on.declare(A, B);
    const env = dehydratedDoes(
      "echo 'ERROR: Problem connecting to server (curl returned with 7)'; echo 'EXPECTED value GOT EOF'; exit 1\n",
    );
    await on.run(["run"], { env });
    const why = "dehydrated has ordered no certificate: Problem connecting to server (curl returned with 7)";
    expect(Object.values(on.result()).map(({ message }) => message)).toEqual([why, why]);
  });

  it("GIVEN a table that is replaced while it ends THEN nothing of the new one counts as installed", async () => {
    await on.order(A);
    await on.order(B);
    const next = join(on.temporary, "next");
    writeFileSync(next, on.tableOf([A, B]));
    const prelude = `unlock() { cp '${next}' '${on.directory}/table'; exec 9>&-; }\n`;
    expect(await on.run(["install"], { prelude })).toEqual({ exitCode: 0, output: "" });
    expect(Object.keys(on.result())).toEqual(["a.test"]);
    expect(readFileSync(join(on.work, "installed"), "utf8")).not.toContain("b.test");
  });
});
