import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { PrivateCa } from "../../../lib";
import { linesOf } from "../../cli/doctor/support/doctor-project";
import { type Ran, ran } from "../../cli/support/ran";
import { runEngine } from "../../support/engine";
import { engineUnderTest, requireEngine } from "../../support/engine-under-test";
import { describeIf } from "../../support/requirements";
import { StackProject } from "../../support/stack-project";

describeIf(engineUnderTest, "doctor, and what a real engine says of the same fault", () => {
  let project: StackProject;
  let home: string;
  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), "mail-sni-home-"));
    project = await StackProject.create(requireEngine());
    writeFileSync(join(project.directory, "cdktf.json"), "{}");
    project.synth((stack) => new PrivateCa(stack, "ca"));
  });
  afterEach(() => {
    project.remove();
    rmSync(home, { recursive: true });
  });

  const inStack = (path: string) => join(project.directory, "cdktf.out/stacks/mail", path);

  /** The files of the provider, for all platforms. */
  function providers(): readonly string[] {
    const below = inStack("terraform.d/plugins");
    const names = readdirSync(below, { recursive: true, encoding: "utf8" });
    return names.filter((name) => name.endsWith(".cjs")).map((name) => join(below, name));
  }

  const environmentOf = (more: Readonly<Record<string, string>>) => ({
    HOME: home,
    TF_CLI_CONFIG_FILE: "",
    NODE_OPTIONS: "",
    ...more,
  });

  function doctor(more: Readonly<Record<string, string>>): Promise<Ran> {
    const args = ["doctor", "--project", project.directory, "--engine", requireEngine().executable];
    return ran(args, { environment: { ...process.env, ...environmentOf(more) } });
  }

  /** Whether `init` and `validate`, which starts the provider, succeed. */
  async function works(more: Readonly<Record<string, string>>): Promise<boolean> {
    for (const command of ["init", "validate"]) {
      const env = environmentOf(more);
      const { exitCode } = await runEngine(requireEngine(), inStack("."), [command], { env });
      if (exitCode !== 0) return false;
    }
    return true;
  }

  function program(name: string, script: string): string {
    const path = join(home, "bin", name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return `${dirname(path)}:${process.env.PATH}`;
  }

  it("GIVEN no fault THEN both work", async () => {
    expect((await doctor({})).out).toMatch(/^Nothing is wrong/);
    expect(await works({})).toBe(true);
  });

  it.each<[fault: string, check: string, plant: () => Record<string, string>]>([
    [
      "no execute bit",
      "provider-file",
      () => {
        for (const path of providers()) chmodSync(path, 0o644);
        return {};
      },
    ],
    [
      "a provider that was changed",
      "provider-file",
      () => {
        // The files of all platforms are one.
        appendFileSync(providers()[0] as string, "\n//");
        return {};
      },
    ],
    [
      "a provider_installation block",
      "cli-configuration",
      () => {
        writeFileSync(join(home, ".terraformrc"), "provider_installation {\n  direct {}\n}\n");
        return {};
      },
    ],
    ["another -plugin-dir", "cli-configuration", () => ({ TF_CLI_ARGS_init: "-plugin-dir=/nowhere" })],
    ["-chdir in TF_CLI_ARGS", "cli-arguments", () => ({ TF_CLI_ARGS: "-chdir=/" })],
    ["NODE_OPTIONS that are refused", "node-options", () => ({ NODE_OPTIONS: "--no-such-option" })],
    [
      "an old Node first in the PATH",
      "node",
      () => ({ PATH: program("node", 'echo 18.20.4; [ "$1" = -p ]') }),
    ],
  ])("GIVEN %s THEN the engine fails, and the check `%s` says why", async (_, check, plant) => {
    const environment = plant();
    const run = await doctor(environment);
    expect(linesOf(run, check)[0]).toMatch(/^error/);
    expect(run.exitCode).toBe(1);
    expect(await works(environment)).toBe(false);
  });
});
