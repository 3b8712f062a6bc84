import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { engineOf } from "../../../lib/cli/engine/engine";
import { engineOutput } from "../../../lib/cli/engine/output";
import { runEngine } from "../../support/engine";
import { engineUnderTest, requireEngine } from "../../support/engine-under-test";
import { HOSTILE_WORDS, isPlain } from "../../support/hostile-words";
import { describeIf } from "../../support/requirements";
import { CdktfProject, outputOf } from "../support/project";

describe("engineOf", () => {
  it("GIVEN --engine, TERRAFORM_BINARY_NAME or neither THEN the first of them counts", () => {
    expect(engineOf("tofu", { TERRAFORM_BINARY_NAME: "other" })).toEqual({
      executable: "tofu",
      isChosen: true,
    });
    expect(engineOf(undefined, { TERRAFORM_BINARY_NAME: "tofu" }).executable).toBe("tofu");
    expect(engineOf(undefined, { TERRAFORM_BINARY_NAME: "" })).toEqual({
      executable: "terraform",
      isChosen: false,
    });
  });

  it("GIVEN a relative path THEN it is one of the working directory, not of the stack", () => {
    expect(engineOf("./bin/tofu", {}).executable).toBe(`${process.cwd()}/bin/tofu`);
  });
});

describe("engineOutput", () => {
  let files: CdktfProject;
  beforeEach(() => {
    files = new CdktfProject();
  });
  afterEach(() => files.remove());

  const asked = (script: string, deadlineMs?: number) =>
    engineOutput(engineOf(files.engine(script), {}), {
      ...(deadlineMs !== undefined && { deadlineMs }),
      directory: files.stackDirectory("mail"),
      output: "mail_sni",
      environment: process.env,
    });

  it("THEN one output is asked for, in the stack's directory, and nothing of the state", async () => {
    expect(await asked('echo "$(pwd) $* $TF_INPUT"')).toBe(
      `${files.stackDirectory("mail")} output -no-color -json mail_sni 0\n`,
    );
  });

  it("GIVEN an engine that fails THEN the first line of its error is said, wherever it stands", async () => {
    const script = "echo 'noise' >&2; printf 'Error: No access.\\n\\nmore\\n' >&2; exit 1";
    await expect(asked(script)).rejects.toMatchObject({
      code: "CLI_ENGINE_FAILED",
      message: expect.stringContaining(`failed in ${files.stackDirectory("mail")}: No access. Run it`),
    });
  });

  it("GIVEN an engine that says hostile things without end THEN one plain, short line of them is told", async () => {
    files.write("words", HOSTILE_WORDS.repeat(2000));
    const { message } = await asked(`cat ${files.directory}/words >&2; exit 3`).catch((error) => error);
    expect(isPlain(message) && !message.includes("\n")).toBe(true);
    expect(message.length).toBeLessThan(3000);
  });

  it("GIVEN an engine that writes without end THEN it is ended", async () => {
    await expect(asked("yes")).rejects.toMatchObject({
      code: "CLI_ENGINE_FAILED",
      message: expect.stringContaining("wrote more than 67108864 bytes"),
    });
  });

  it("GIVEN an engine that does not end, nor what it has started THEN neither is waited for", async () => {
    await expect(asked("sleep 30 & sleep 30", 300)).rejects.toMatchObject({
      code: "CLI_ENGINE_FAILED",
      message: expect.stringContaining("took longer than 0.3 seconds"),
    });
  });

  it("GIVEN a PATH with relative directories THEN nothing is run that lies in the stack's directory", async () => {
    const directory = files.stackDirectory("mail");
    const options = { directory, output: "mail_sni", environment: { PATH: ".::bin:/nowhere" } };
    files.engine("echo run");
    for (const place of ["terraform", "bin/terraform"]) {
      mkdirSync(dirname(join(directory, place)), { recursive: true });
      copyFileSync(join(files.directory, "engine"), join(directory, place));
    }
    await expect(engineOutput(engineOf(undefined, {}), options)).rejects.toMatchObject({
      code: "CLI_ENGINE_MISSING",
      problem: expect.stringContaining("terraform is in no directory of PATH"),
    });
    const found = { ...options, environment: { PATH: `.:/nowhere:${join(directory, "bin")}` } };
    expect(await engineOutput(engineOf(undefined, {}), found)).toBe("run\n");
  });

  it.each(["none", "main.tf"])(
    "GIVEN %s in place of the stack's directory THEN that is said",
    async (name) => {
      const options = { directory: join(files.stackDirectory("mail"), name), output: "mail_sni" };
      await expect(
        engineOutput(engineOf(files.engine("true"), {}), { ...options, environment: {} }),
      ).rejects.toMatchObject({ code: "CLI_NOT_SYNTHESIZED" });
    },
  );

  it.each([
    ["leads through a file", "cdktf.json/tofu"],
    ["is too long", "x".repeat(5000)],
    ["is a directory", "cdktf.out"],
    ["is not executable", "cdktf.json"],
  ])("GIVEN an engine whose path %s THEN it is missing", async (_, path) => {
    const options = { directory: files.directory, output: "mail_sni", environment: {} };
    await expect(engineOutput(engineOf(join(files.directory, path), {}), options)).rejects.toMatchObject({
      code: "CLI_ENGINE_MISSING",
    });
  });

  it("GIVEN no engine THEN that is said, and what to give", async () => {
    const options = { directory: files.directory, output: "mail_sni", environment: { PATH: "/nowhere" } };
    await expect(engineOutput(engineOf(undefined, {}), options)).rejects.toMatchObject({
      code: "CLI_ENGINE_MISSING",
      remedy: expect.stringContaining("--engine tofu"),
    });
  });
});

describeIf(engineUnderTest, "engineOutput, with a real engine", () => {
  it("GIVEN a state with a secret beside THEN the value of the output comes alone; without a deploy that is said", async () => {
    const secret = 'output "key" {\n  value     = "MARKER"\n  sensitive = true\n}\n';
    const files = new CdktfProject({ mail: outputOf({ certificates: {}, pending: {} }) + secret });
    const directory = files.stackDirectory("mail");
    const { executable } = requireEngine();
    const output = (name: string) =>
      engineOutput(engineOf(executable, {}), { directory, output: name, environment: process.env });

    await expect(output("mail_sni")).rejects.toMatchObject({ code: "CLI_NOT_DEPLOYED" });
    const apply = await runEngine(requireEngine(), directory, ["apply", "-auto-approve", "-input=false"]);
    expect(apply.exitCode, apply.output).toBe(0);
    expect(JSON.parse(await output("mail_sni"))).toEqual({ certificates: {}, pending: {} });

    files.write("cdktf.out/stacks/mail/backend.tf", 'terraform {\n  backend "local" {}\n}\n');
    await expect(output("mail_sni")).rejects.toMatchObject({
      code: "CLI_ENGINE_FAILED",
      message: expect.stringMatching(/Backend initialization required.* name it with --engine/),
    });
    files.remove();
  });
});
