import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isOlder } from "../../../../lib/cli/doctor/checks/machine/engine";
import { HOSTILE_WORDS, isPlain } from "../../../support/hostile-words";
import { DoctorProject, linesOf } from "../support/doctor-project";

let project: DoctorProject;
beforeEach(() => {
  project = new DoctorProject();
});
afterEach(() => project.remove());

/** Runs doctor with one fault. @returns the lines of that check, and that no other has found an error */
async function only(check: string, environment: NodeJS.ProcessEnv = {}, status = 1): Promise<string> {
  const run = await project.doctor([], environment);
  expect(run.err).toBe("");
  expect(run.exitCode).toBe(status);
  const found = run.out.match(/^(error|warning) .*\[[a-z-]+\]$/gm) ?? [];
  expect(found.filter((line) => !line.endsWith(`[${check}]`))).toEqual([]);
  return linesOf(run, check).join("\n");
}

describe("doctor, on a machine that is well", () => {
  it("THEN it says that nothing is wrong, in one line, and changes no file", async () => {
    const before = project.files;
    const { exitCode, out, err } = await project.doctor();
    expect(out).toMatch(/^Nothing is wrong: \d+ checks\.\n$/);
    expect(err).toBe("");
    expect(exitCode).toBe(0);
    expect(project.files).toEqual(before);
  });
});

describe("the check `engine`", () => {
  it("GIVEN no engine in the PATH THEN that, and how to name one", async () => {
    const found = await only("engine", { TERRAFORM_BINARY_NAME: "no-such-engine" });
    expect(found).toMatch(/^error {3}this machine: no-such-engine is in no directory of PATH/);
    expect(found).toContain("set TERRAFORM_BINARY_NAME");
  });

  it.each([
    ["1.10.5", "is version 1.10.5, and the stacks need 1.11.0 or later"],
    ["0.15.3", "is version 0.15.3, and"],
    ["1.12.0-rc1", "is the pre-release 1.12.0-rc1"],
  ])("GIVEN version %s THEN init will refuse it", async (version, words) => {
    project.program("terraform", `echo '{"terraform_version": "${version}"}'`);
    const found = await only("engine");
    expect(found).toContain(words);
    expect(found).toMatch(/\n {8}Install /);
  });

  it.each([
    ["prints something else", "echo terraform"],
    ["fails", "exit 1"],
    ["prints hostile words", `printf '%s' '{"terraform_version": ${JSON.stringify(HOSTILE_WORDS)}}'`],
  ])("GIVEN a program that %s THEN it is no engine", async (_, script) => {
    project.program("terraform", script);
    const found = await only("engine");
    expect(found).toContain("does not say its version");
    expect(isPlain(found)).toBe(true);
  });

  it("THEN versions are compared by their numbers", () => {
    expect(
      ["1.9.9", "1.11.0-rc1", "1.11.0", "1.100.0", "2.0.0"].map((version) => isOlder(version, "1.11.0")),
    ).toEqual([true, false, false, false, false]);
  });
});

describe("the check `node`", () => {
  it("GIVEN an older one first in the PATH THEN the engine cannot start the provider, and which directory to put first", async () => {
    project.program("node", "echo 18.20.4");
    const found = await only("node");
    expect(found).toContain("bin/node is version 18.20.4, and the provider needs 20 or later");
    expect(found).toContain(`This command runs with ${process.execPath}.`);
  });

  it("GIVEN none in the PATH THEN that", async () => {
    const found = await only("node", { PATH: join(project.directory, "bin") });
    expect(found).toContain("there is no node in the PATH");
  });

  it("GIVEN one that does not run THEN that", async () => {
    project.program("node", "exit 127");
    expect(await only("node")).toContain("does not run JavaScript");
  });
});

describe("the check `node-options`", () => {
  it("GIVEN an option that Node refuses THEN the provider does not start, and Node's reason", async () => {
    const found = await only("node-options", { NODE_OPTIONS: "--no-such-option" });
    expect(found).toContain("Node.js does not start with NODE_OPTIONS");
    expect(found).toContain("--no-such-option is not allowed in NODE_OPTIONS");
    expect(found).toContain("Unset NODE_OPTIONS");
  });

  it("GIVEN a module that prints THEN the engine would take it for the handshake", async () => {
    const printing = project.write("printing.cjs", "console.log('hello')");
    const found = await only("node-options", { NODE_OPTIONS: `--require ${printing}` });
    expect(found).toContain("would take it for the provider's handshake");
  });

  it("GIVEN a module that is silent THEN a warning, and 0", async () => {
    const silent = project.write("silent.cjs", "");
    const found = await only("node-options", { NODE_OPTIONS: `--require ${silent}` }, 0);
    expect(found).toContain("--require in NODE_OPTIONS loads other code into the provider");
  });

  it("GIVEN harmless options THEN nothing", async () => {
    const { exitCode, out } = await project.doctor([], {
      NODE_OPTIONS: "--max-old-space-size=4096 --trace-warnings",
    });
    expect(out).toMatch(/^Nothing is wrong/);
    expect(exitCode).toBe(0);
  });
});

describe("the checks of the engine's variables", () => {
  it.each(["TF_CLI_ARGS", "TF_CLI_ARGS_init"])(
    "GIVEN -chdir in %s THEN each command is refused",
    async (name) => {
      const found = await only("cli-arguments", { [name]: "-no-color -chdir=/elsewhere" });
      expect(found).toContain(`${name} has -chdir`);
      expect(found).toContain(`Remove -chdir from ${name}.`);
    },
  );

  it("GIVEN other arguments THEN nothing", async () => {
    expect((await project.doctor([], { TF_CLI_ARGS_plan: "-parallelism=5" })).exitCode).toBe(0);
  });

  it("GIVEN TF_LOG=trace THEN a warning of keys in logs, and 0", async () => {
    const found = await only("engine-variables", { TF_LOG: "trace" }, 0);
    expect(found).toContain("TF_LOG is trace");
    expect(found).toContain("Unset TF_LOG");
  });

  it("GIVEN one TF_DATA_DIR for several stacks THEN an error; for one stack, nothing", async () => {
    const environment = { TF_DATA_DIR: "/srv/data" };
    expect((await project.doctor([], environment)).exitCode).toBe(0);
    const entries = ["mail", "more"].map((name) => [name, { workingDirectory: `stacks/${name}` }]);
    project.write("cdktf.out/manifest.json", JSON.stringify({ stacks: Object.fromEntries(entries) }));
    const run = await project.doctor(["--stack", "mail", "--stack", "more"], environment);
    expect(linesOf(run, "engine-variables").join()).toContain("which all 2 stacks would share");
  });
});

describe("what doctor cannot look at", () => {
  it("GIVEN no project, or one that is not synthesized THEN 2", async () => {
    rmSync(join(project.directory, "cdktf.out/manifest.json"));
    expect(await project.doctor()).toMatchObject({ exitCode: 2, out: "" });
    rmSync(join(project.directory, "cdktf.json"));
    const { exitCode, err } = await project.doctor();
    expect(exitCode).toBe(2);
    expect(err).toContain("[CLI_PROJECT_MISSING]");
  });

  it("GIVEN a project without mail hosts THEN 2", async () => {
    project.write("cdktf.out/stacks/mail/cdk.tf.json", "{}");
    expect((await project.doctor()).err).toContain("The project has no stack with mail hosts.");
  });

  it("GIVEN a stack without its configuration THEN that is a finding, and the others are checked", async () => {
    rmSync(project.inStack("cdk.tf.json"));
    const run = await project.doctor();
    expect(run.exitCode).toBe(1);
    expect(linesOf(run, "synthesized").join()).toMatch(
      /^error {3}stack mail: .*cdk\.tf\.json cannot be read/,
    );
  });
});
