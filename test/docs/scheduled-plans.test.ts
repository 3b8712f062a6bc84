import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeBlocks } from "./support/code-blocks";

const PAGE = "docs/recipes/scheduled-plans.md";
/** As runners start scripts: cron, GitHub Actions without and with a declared shell. */
const SHELLS = ["sh -c", "bash -ec", "bash -eo pipefail -c"];
/** A `terraform` whose plans do what a case says. */
const TERRAFORM = ["#!/bin/sh", '[ "$1" = plan ] || exit 0', 'echo "$PLAN"', 'exit "$STATUS"', ""].join("\n");

interface Case {
  /** Exit statuses. @default 0 */
  readonly synth?: number;
  readonly status?: number;
  /** What the plan prints. */
  readonly plan?: string;
}

describe(`the job in ${PAGE}`, () => {
  const job = codeBlocks(PAGE).find(({ code }) => code.includes("grep"))?.code ?? "";
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "mail-sni-plans-"));
    mkdirSync(join(directory, "cdktf.out/stacks/mail"), { recursive: true });
    writeFileSync(join(directory, "terraform"), TERRAFORM, { mode: 0o755 });
    writeFileSync(join(directory, "npx"), "#!/bin/sh\nexit $SYNTH\n", { mode: 0o755 });
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  describe.each(SHELLS)("run by %s", (command) => {
    it.each<[string, Case, number]>([
      ["an empty plan", { plan: "No changes." }, 0],
      ["a plan that warns", { plan: "No changes.\n\nWarning: Check block assertion failed" }, 1],
      [
        "a plan of what is pending",
        { plan: '      ~ pending  = "nothing is served yet" -> (known after apply)' },
        1,
      ],
      [
        "a plan of a renewal",
        { plan: "      ~ pending      = {\n          ~ mx1 = [] -> (known after apply)" },
        0,
      ],
      ["a plan that fails", { status: 1 }, 1],
      ["a program that fails", { synth: 1, plan: "No changes." }, 1],
    ])("GIVEN %s THEN its status says so", (_, { synth = 0, plan = "", status = 0 }, expected) => {
      const PATH = `${directory}:${process.env.PATH}`;
      const env = { PATH, SYNTH: String(synth), PLAN: plan, STATUS: String(status) };
      const [shell = "", ...options] = command.split(" ");
      const run = spawnSync(shell, [...options, job], { cwd: directory, env, encoding: "utf8" });
      expect(run.status).toBe(expected);
      if (synth === 0 && status === 0) expect(run.stdout).toContain(plan);
    });
  });
});
