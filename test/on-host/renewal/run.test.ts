import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
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

  it("GIVEN a failed row THEN it is said on standard error, which cron mails", async () => {
    const env = dehydratedDoes("echo 'ERROR: no way'; exit 1\n");
    const quiet = ["sh", "-c", 'exec dash "$0" "$@" >/dev/null'] as const;
    const { output } = await on.run(["run"], { shell: quiet, env });
    expect(output).toMatch(/a\.test: failed: dehydrated has ordered no certificate: no way/);
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
