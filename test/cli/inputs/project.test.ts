import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CliError } from "../../../lib/cli/errors/cli-error";
import { Project } from "../../../lib/cli/inputs/project";
import { HOSTILE_WORDS, isPlain } from "../../support/hostile-words";
import { CdktfProject } from "../support/project";

describe("Project", () => {
  let files: CdktfProject;
  beforeEach(() => {
    files = new CdktfProject({ mail: "", web: "" });
  });
  afterEach(() => files.remove());

  const project = (environment: NodeJS.ProcessEnv = {}) =>
    Project.in(files.directory, environment) as Project;

  function errorOf(run: () => unknown): CliError {
    try {
      run();
    } catch (error) {
      if (error instanceof CliError) return error;
      throw error;
    }
    throw new Error("Nothing was thrown");
  }

  it("GIVEN a synthesized project THEN its stacks and its table are where cdktf writes them", () => {
    expect(
      project()
        .stacks()
        .map(({ name }) => name),
    ).toEqual(["mail", "web"]);
    expect(project().stack("web").directory).toBe(files.stackDirectory("web"));
    expect(project().tablePath).toBe(join(files.directory, "sni-table.json"));
  });

  it("GIVEN no cdktf.json THEN there is no project", () => {
    expect(Project.in(join(files.directory, "cdktf.out"), {})).toBeNull();
  });

  it("GIVEN an output and a directory of the table in cdktf.json THEN they count; CDKTF_OUTPUT overrides", () => {
    files.write("cdktf.json", JSON.stringify({ output: "out", context: { "mail-sni:table": "docs" } }));
    files.write("out/manifest.json", JSON.stringify({ stacks: { other: { workingDirectory: "stacks/o" } } }));
    expect(project().stack("other").directory).toBe(join(files.directory, "out/stacks/o"));
    expect(project().tablePath).toBe(join(files.directory, "docs/sni-table.json"));
    expect(project({ CDKTF_OUTPUT: "cdktf.out" }).stacks()).toHaveLength(2);
  });

  it("GIVEN an absolute directory of the table THEN it is there, as synth has it", () => {
    files.write("cdktf.json", JSON.stringify({ context: { "mail-sni:table": "/srv/tables" } }));
    expect(project().tablePath).toBe("/srv/tables/sni-table.json");
  });

  it("GIVEN a table that is disabled THEN there is none", () => {
    files.write("cdktf.json", JSON.stringify({ context: { "mail-sni:table": false } }));
    expect(project().tablePath).toBeNull();
  });

  it("GIVEN a file that is damaged THEN a synth writes it again; cdktf.json has to be repaired", () => {
    files.write("cdktf.out/manifest.json", "{}");
    expect(errorOf(() => project().stacks()).message).toMatch(/stacks is missing\. Run cdktf synth, .*again/);
    files.write("cdktf.json", "{");
    expect(errorOf(project).message).toContain("Repair it.");
  });

  it("GIVEN a stack that there is not THEN those that there are are listed", () => {
    expect(errorOf(() => project().stack("dns"))).toMatchObject({
      code: "CLI_STACK_UNKNOWN",
      remedy: "Give one of mail, web; or run cdktf synth, if it is new.",
    });
  });

  it("GIVEN nothing synthesized THEN that is said", () => {
    files.write("cdktf.json", JSON.stringify({ output: "nowhere" }));
    expect(errorOf(() => project().stacks()).code).toBe("CLI_NOT_SYNTHESIZED");
  });

  it("GIVEN a directory whose name begins with two dots THEN it is one of the output", () => {
    files.write(
      "cdktf.out/manifest.json",
      JSON.stringify({ stacks: { mail: { workingDirectory: "..mail" } } }),
    );
    expect(project().stack("mail").directory).toBe(join(files.directory, "cdktf.out/..mail"));
  });

  it.each([
    ["another directory", "../../etc"],
    ["the directory above", ".."],
    ["an absolute path", "/etc"],
    ["a path that begins below", "stacks/../../x"],
    ["what is no path", "stacks/mail\0"],
  ])("GIVEN a manifest that leads to %s THEN no engine runs there", (_, workingDirectory) => {
    files.write("cdktf.out/manifest.json", JSON.stringify({ stacks: { mail: { workingDirectory } } }));
    const error = errorOf(() => project().stack("mail"));
    expect(error.code).toBe("CLI_PROJECT_INVALID");
    expect(error.message).toContain("stacks.mail.workingDirectory is");
  });

  it.each([
    ["no JSON", "{"],
    ["a list", "[]"],
    ["no stacks", "{}"],
    ["a stack without a directory", '{"stacks":{"mail":{}}}'],
    [
      "hostile words",
      JSON.stringify({ stacks: { [HOSTILE_WORDS]: { workingDirectory: HOSTILE_WORDS.repeat(99) } } }),
    ],
  ])("GIVEN a manifest with %s THEN that is said on one plain line", (_, text) => {
    files.write("cdktf.out/manifest.json", text);
    const { code, message } = errorOf(() => project().stacks());
    expect(code).toBe("CLI_PROJECT_INVALID");
    expect(isPlain(message) && !message.includes("\n")).toBe(true);
    expect(message.length).toBeLessThan(600);
  });

  it.each(["cdktf.json", "cdktf.out/manifest.json"])(
    "GIVEN a pipe as %s THEN it is not waited for",
    (name) => {
      rmSync(join(files.directory, name));
      execFileSync("mkfifo", [join(files.directory, name)]);
      const error = errorOf(() => project().stacks());
      expect(error.code).toBe("CLI_PROJECT_INVALID");
      expect(error.message).toContain("cannot be read: it is not a regular file.");
    },
  );

  it("GIVEN a cdktf.json with a number for the output THEN that is said", () => {
    files.write("cdktf.json", '{"output":1}');
    expect(errorOf(project).message).toContain('output is "1", which is not a text.');
  });
});
