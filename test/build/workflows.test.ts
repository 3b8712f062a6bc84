import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { findActionlint } from "../support/actionlint";
import { runCommand } from "../support/commands";
import { actionlint, describeIf } from "../support/requirements";

const WORKFLOWS = resolve(__dirname, "../../.github/workflows");
const names = readdirSync(WORKFLOWS);

describeIf(actionlint, "The workflows of GitHub", () => {
  it.each(names)("GIVEN %s THEN actionlint has nothing to say", async (name) => {
    const { exitCode, stdout } = await runCommand([findActionlint() ?? "", join(WORKFLOWS, name)]);
    expect(stdout).toBe("");
    expect(exitCode).toBe(0);
  });
});

describe("The scripts that the workflows run", () => {
  it("THEN package.json has each of them", () => {
    const { scripts } = JSON.parse(readFileSync(resolve(__dirname, "../../package.json"), "utf8"));
    const run = names.flatMap((name) => [
      ...readFileSync(join(WORKFLOWS, name), "utf8").matchAll(/npm run ([\w:-]+)/g),
    ]);
    expect(run.length).toBeGreaterThan(0);
    for (const [, script] of run) expect(scripts).toHaveProperty(script as string);
  });
});
