import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findActionlint } from "../support/actionlint";
import { mustRun, runCommand } from "../support/commands";
import { actionlint, describeIf } from "../support/requirements";
import { codeBlocks } from "./support/code-blocks";

const [github = "", gitlab = "", atlantisServer = "", atlantis = ""] = codeBlocks(
  "docs/recipes/plan-comments.md",
)
  .filter(({ language }) => language === "yaml")
  .map(({ code }) => code);

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "mail-sni-recipe-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describeIf(actionlint, "the workflow for GitHub", () => {
  it("THEN actionlint has nothing to say", async () => {
    const { exitCode, stdout } = await runCommand([
      findActionlint() ?? "",
      write(".github/workflows/mail-plan.yml", github),
    ]);
    expect(stdout).toBe("");
    expect(exitCode).toBe(0);
  });
});

describe("the recipes for comments on pull requests", () => {
  it("THEN forks are left out", () => {
    expect(github).toContain("head.repo.full_name == github.repository");
    expect(gitlab).toContain("$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID");
  });

  it("GIVEN the table of the target branch THEN the lines for GitHub plan with it, and comment", async () => {
    const base = await repository();
    const environment = { BASE: base, RUNNER_TEMP: directory, NUMBER: "7", GH_TOKEN: "secret" };
    for (const script of blocksOf(github)) await runShell(script, environment);
    expect(readFileSync(join(directory, "base-table.json"), "utf8")).toBe("old\n");
    expect(calls()).toEqual([
      "npx cdktf synth",
      "terraform init -input=false",
      `npx mail-sni plan --base-table ${directory}/base-table.json --markdown ${directory}/plan.md --html ${directory}/plan.html`,
      `gh pr comment 7 --edit-last --create-if-none --body-file ${directory}/plan.md`,
    ]);
  });

  it("GIVEN the same THEN the lines for GitLab do, with the token on standard input alone", async () => {
    const base = await repository();
    const environment = {
      CI_MERGE_REQUEST_DIFF_BASE_SHA: base,
      CI_API_V4_URL: "https://gitlab.test/api/v4",
      CI_PROJECT_ID: "1",
      CI_MERGE_REQUEST_IID: "2",
      MAIL_PLAN_TOKEN: "secret",
    };
    for (const line of itemsOf(gitlab, "script")) await runShell(line, environment);
    for (const line of itemsOf(gitlab, "after_script")) await runShell(line, environment);
    expect(calls()).toContain(
      "npx mail-sni plan --base-table base-table.json --limit 1000000 --markdown plan.md --html plan.html",
    );
    const comment = calls().at(-1);
    expect(comment).toMatch(
      /^curl .*--data-urlencode body@plan\.md .*\/projects\/1\/merge_requests\/2\/notes$/,
    );
    expect(calls().join("\n")).not.toContain("secret");
    expect(readFileSync(join(directory, "curl.stdin"), "utf8")).toBe("PRIVATE-TOKEN:secret");
  });

  it("GIVEN Atlantis's plan THEN its step reports that very plan", async () => {
    await repository();
    const [step = ""] = [...atlantisServer.matchAll(/^ +- run: (.*mail-sni.*)$/gm)].map(([, line]) => line);
    const stack = join(directory, "repository/cdktf.out/stacks/mail");
    await runShell(step, { DIR: stack, BASE_BRANCH_NAME: "main", PLANFILE: "/plans/mail.tfplan" }, stack);
    expect(calls()).toEqual([
      "npx mail-sni plan --saved mail=/plans/mail.tfplan --base-table base-table.json",
    ]);
    expect(readFileSync(join(directory, "repository/base-table.json"), "utf8")).toBe("old\n");
    expect(atlantis).toContain("dir: cdktf.out/stacks/mail");
  });
});

/** A clone whose branch has another table than its target. @returns the commit of the target */
async function repository(): Promise<string> {
  const git = (...args: string[]) => mustRun(["git", "-C", join(directory, "repository"), ...args]);
  mkdirSync(join(directory, "repository"), { recursive: true });
  await git("init", "--quiet", "--initial-branch=main");
  write("repository/sni-table.json", "old\n");
  write("repository/sni-table.md", "old\n");
  write("repository/cdktf.out/stacks/mail/cdk.tf.json", "{}");
  write("repository/.gitignore", "cdktf.out\n");
  await git("add", ".");
  const author = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
  await git(...author, "commit", "--quiet", "-m", "old");
  const { stdout } = await git("rev-parse", "HEAD");
  await git("remote", "add", "origin", join(directory, "repository"));
  await git("checkout", "--quiet", "-b", "change");
  write("repository/sni-table.json", "new\n");
  await git(...author, "commit", "--quiet", "-am", "new");
  for (const name of ["npm", "npx", "terraform", "gh", "curl"]) standIn(name);
  return stdout.trim();
}

/** Notes its arguments; `npx mail-sni` writes the report too. */
function standIn(name: string): void {
  const script = `#!/bin/sh
echo "${name} $*" >> "${directory}/calls"
[ "${name}" != curl ] || cat > "${directory}/curl.stdin"
while [ $# -gt 0 ]; do [ "$1" != --markdown ] || echo report > "$2"; shift; done
`;
  chmodSync(write(`bin/${name}`, script), 0o755);
}

function calls(): string[] {
  const lines = readFileSync(join(directory, "calls"), "utf8").trim().split("\n");
  return lines.filter((line) => line !== "npm ci");
}

async function runShell(
  script: string,
  env: Readonly<Record<string, string>>,
  cwd = join(directory, "repository"),
): Promise<void> {
  const path = `${join(directory, "bin")}:${process.env.PATH}`;
  await mustRun(["bash", "-e", "-o", "pipefail", "-c", script], { cwd, env: { ...env, PATH: path } });
}

/** The shell scripts of steps, as `run: |` has them. */
function blocksOf(yaml: string): string[] {
  return [...yaml.matchAll(/^( +)run: \|\n((?:\1 {2}.*\n)+)/gm)].map(([, , lines]) => lines as string);
}

/** The elements of a list of lines. */
function itemsOf(yaml: string, key: string): string[] {
  const [, lines = ""] = new RegExp(`^ +${key}:\\n((?: +- .*\\n)+)`, "m").exec(yaml) ?? [];
  return lines
    .split("\n")
    .filter(Boolean)
    .map((line) => line.replace(/^ +- /, ""));
}

function write(name: string, text: string): string {
  const path = join(directory, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}
