import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { mustRun } from "../../support/commands";
import { bash, describeIf, fish, zsh } from "../../support/requirements";
import { ran } from "../support/ran";

let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "mail-sni-completion-"));
  for (const shell of ["bash", "zsh", "fish"]) {
    const { exitCode, out } = await ran(["completion", shell]);
    expect(exitCode).toBe(0);
    writeFileSync(join(directory, shell), out);
  }
  writeFileSync(join(directory, "a file.json"), "");
});

afterAll(() => rmSync(directory, { recursive: true }));

it("GIVEN another shell THEN 2, and those that there are", async () => {
  const { exitCode, err } = await ran(["completion", "tcsh"]);
  expect(exitCode).toBe(2);
  expect(err).toContain("Allowed choices are bash, zsh, fish.");
});

describeIf(bash, "completion in a real bash", () => {
  /** @param words of the line; the last of them is completed */
  async function completed(...words: string[]): Promise<string[]> {
    const { stdout } = await mustRun([
      "bash",
      ...["--norc", "-uc"],
      `cd '${directory}'; source ./bash; COMP_WORDS=(mail-sni "$@"); COMP_CWORD=$#; _mail_sni; [ \${#COMPREPLY[@]} -eq 0 ] || printf '%s\\n' "\${COMPREPLY[@]}"`,
      ...["bash", ...words],
    ]);
    return stdout.split("\n").filter(Boolean);
  }

  it.each<[words: string[], completions: string[]]>([
    [
      [""],
      [
        "verify",
        "status",
        "plan",
        "renew",
        "doctor",
        "import",
        "eject",
        "completion",
        "help",
        "-V",
        "--version",
        "-h",
        "--help",
      ],
    ],
    [["ver"], ["verify"]],
    [["verify", "--ju"], ["--junit"]],
    [["status", "--run"], ["--run-interval"]],
    [["status", "--ju"], []],
    [["status", "--stack", "verify", "--a"], ["--all"]],
    [
      ["completion", ""],
      ["bash", "zsh", "fish", "-h", "--help"],
    ],
    [["verify", "--facts", "a"], ["a file.json"]],
    [
      ["verify", "--facts", "="],
      ["a file.json", "bash", "fish", "zsh"],
    ],
    [["verify", "--facts", "=", "a"], ["a file.json"]],
    [["status", "-f", "a"], ["a file.json"]],
    [["status", "--project", "a"], []],
    [["verify", "--connect", "a"], []],
  ])("GIVEN %j THEN %j", async (words, completions) => {
    expect((await completed(...words)).sort()).toEqual([...completions].sort());
  });
});

describeIf(fish, "completion in a real fish", () => {
  async function completed(line: string): Promise<string[]> {
    const script = `cd '${directory}'; source ./fish; complete -C '${line}'`;
    const { stdout } = await mustRun(["fish", "--no-config", "-c", script], { env: { HOME: directory } });
    return stdout.split("\n").flatMap((text) => text.split("\t")[0] || []);
  }

  it.each<[line: string, completions: string[]]>([
    ["mail-sni ", ["completion", "doctor", "eject", "help", "import", "plan", "renew", "status", "verify"]],
    ["mail-sni verify --ju", ["--junit"]],
    ["mail-sni status --ju", []],
    ["mail-sni completion ", ["bash", "fish", "zsh"]],
    ["mail-sni verify --facts a", ["a file.json"]],
    ["mail-sni verify --connect a", []],
  ])("GIVEN %j THEN %j", async (line, completions) => {
    expect((await completed(line)).sort()).toEqual(completions);
  });
});

describeIf(zsh, "completion in a real zsh", () => {
  /** Types the line into a terminal, and presses the tabulator. */
  async function completed(line: string): Promise<string | undefined> {
    const script = `
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "cd '${directory}'; autoload -Uz compinit; compinit -u -D; source ./zsh"
zpty -w shell 'complete-and-show() { zle expand-or-complete; print -r -- "<$BUFFER>" }'
zpty -w shell 'zle -N complete-and-show; bindkey "^I" complete-and-show; print "<"ready">"'
zpty -r shell output '*<ready>*'
zpty -w -n shell $'${line}\\t'
zpty -r shell output '*<*>*'
print -r -- "$output"
zpty -d shell`;
    const { stdout } = await mustRun(["zsh", "-f", "-c", script], {
      timeoutMs: 30_000,
      env: { HOME: directory, TERM: "dumb" },
    });
    return /<([^<>]*)>(?![\s\S]*<)/.exec(stdout)?.[1];
  }

  it.each([
    ["mail-sni ver", "mail-sni verify "],
    ["mail-sni verify --ju", "mail-sni verify --junit="],
    ["mail-sni status --ju", "mail-sni status --ju"],
    ["mail-sni status --al", "mail-sni status --all "],
    ["mail-sni completion z", "mail-sni completion zsh "],
    ["mail-sni verify --facts a", "mail-sni verify --facts a\\ file.json "],
  ])("GIVEN %j THEN %j", async (line, completion) => {
    expect(await completed(line)).toBe(completion);
  });
});
