import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bundleCli } from "../../build/cli-bundle";
import { CdktfProject } from "./support/project";

const ROOT = resolve(__dirname, "../..");

/** A program that stands in for the engine: it applies until it is interrupted, and ends in order then. */
const ENGINE = `
  here=\${0%/*}
  case "$1" in
  output) echo '{"version":1,"certificates":{},"pending":{}}' ;;
  plan)
    touch "$here/planned-\${PWD##*/}"
    for argument; do case "$argument" in -out=*) echo plan > "\${argument#-out=}" ;; esac; done
    exit "$(cat "$here/plan-status")" ;;
  show) cat "$here/plan.json" ;;
  apply)
    trap 'touch "$here/interrupted"; kill "$!"; exit 1' INT
    sleep 60 > /dev/null 2>&1 &
    touch "$here/applying"
    wait ;;
  esac`;

/** An apply of this changes an output alone. */
const PLAN = {
  format_version: "1.2",
  terraform_version: "1.15.0",
  planned_values: {},
  resource_changes: [],
  output_changes: { mail_sni: { actions: ["update"], before: {}, after: {}, after_unknown: false } },
  errored: false,
};

const BUG = /^mail-sni: This is a bug in mail-sni [^ ]+: Error: (.*)\. Report it, .*\[CLI_BUG\]$/m;

describe("mail-sni, as a process", () => {
  let files: CdktfProject;
  let program: string;
  beforeEach(async () => {
    files = new CdktfProject({ mail: "", backup: "" });
    program = files.write("mail-sni.cjs", (await bundleCli(ROOT)).content.toString());
  });
  afterEach(() => files.remove());

  const file = (name: string) => join(files.directory, name);

  /** @param before a program that runs before that of the command, in the same process */
  function run(before: string, args: readonly string[], stdout: "pipe" | number = "pipe") {
    const required = files.write("before.cjs", before);
    return spawnSync(process.execPath, ["--require", required, program, ...args], {
      env: { ...process.env, TMPDIR: files.directory },
      encoding: "utf8",
      stdio: ["ignore", stdout, "pipe"],
    });
  }

  interface Renewal {
    readonly before?: string;
    /** As engines end with `-detailed-exitcode`: 0 if the plan is empty. */
    readonly planStatus?: 0 | 2;
    readonly stdout?: number;
  }

  function renew({ before = "", planStatus = 2, stdout }: Renewal) {
    files.write("plan-status", String(planStatus));
    files.write("plan.json", JSON.stringify(PLAN));
    for (const name of ["mail", "backup"])
      files.write(`cdktf.out/stacks/${name}/cdk.tf.json`, '{"terraform":{"backend":{"s3":{}}}}');
    const notify = `cat > ${file("notified")}; echo "status $MAIL_SNI_EXIT_STATUS" >> ${file("notified")}`;
    const args = ["--project", files.directory, "--engine", files.engine(ENGINE), "--no-verify"];
    return run(before, ["renew", ...args, "--notify", notify], stdout);
  }

  it("GIVEN renew, and an error that no listener gets during the apply THEN it notifies, interrupts the engine, and leaves no plan", async () => {
    const { stdout, stderr, status } = renew({
      before: `
        const { EventEmitter } = require("node:events");
        const { existsSync } = require("node:fs");
        setInterval(() => {
          if (existsSync(${JSON.stringify(file("applying"))})) new EventEmitter().emit("error", new Error("not foreseen"));
        }, 20).unref();`,
    });
    expect(readFileSync(file("notified"), "utf8")).toBe(
      "An unexpected error ended mail-sni renew. Its log has the error.\nstatus 2\n",
    );
    expect(stderr.match(new RegExp(BUG, "gm"))).toHaveLength(1);
    expect(BUG.exec(stderr)?.[1]).toBe("not foreseen");
    expect([stdout, status]).toEqual(["", 2]);
    await vi.waitUntil(() => existsSync(file("interrupted")), { timeout: 10_000 });
    expect(existsSync(file("planned-backup"))).toBe(false);
    expect(readdirSync(files.directory).filter((name) => name.startsWith("mail-sni-plan-"))).toEqual([]);
  });

  it("GIVEN another command, and an error that no listener gets THEN 2, and that line", () => {
    const never =
      "setInterval(() => {}, 1000); require('node:dns/promises').lookup = () => new Promise(() => {});";
    const { stderr, status } = run(`${never} setImmediate(() => { throw new Error("not foreseen"); });`, [
      "verify",
      "imap.domain1.tld",
    ]);
    expect(BUG.exec(stderr)?.[1]).toBe("not foreseen");
    expect(status).toBe(2);
  });

  it("GIVEN renew, and that it waits for what cannot happen any more THEN 2 instead of success, and it notifies", () => {
    const { stderr, status } = renew({
      before: "require('node:net').Server.prototype.listen = function () { return this; };",
    });
    expect(BUG.exec(stderr)?.[1]).toBe("nothing is left to wait for, and the command has not ended");
    expect(readFileSync(file("notified"), "utf8")).toMatch(/^An unexpected error .*\nstatus 2\n$/);
    expect(status).toBe(2);
  });

  it.skipIf(!existsSync("/dev/full"))(
    "GIVEN renew, whose report fills the disk (skipped without /dev/full) THEN 2 although all is well, and it notifies",
    () => {
      const stdout = openSync("/dev/full", "w");
      const { stderr, status } = renew({ planStatus: 0, stdout });
      closeSync(stdout);
      expect(stderr).toMatch(/^mail-sni: The report cannot be written to standard output: ENOSPC.*\n$/);
      expect(readFileSync(file("notified"), "utf8")).toMatch(/^mail: no renewal is due, .*\nstatus 2\n$/s);
      expect(status).toBe(2);
    },
  );
});
