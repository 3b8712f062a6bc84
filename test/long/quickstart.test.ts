import { mkdirSync, symlinkSync } from "node:fs";
import { delimiter } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { Checkout } from "../e2e/quickstart/checkout";
import { pathWithout } from "../e2e/quickstart/path-without";
import { openTofu } from "../e2e/served/engine-choice";
import { describeIf } from "../support/requirements";

describeIf(openTofu.requirement, "npm run quickstart, with OpenTofu only", () => {
  it("deploys with it, and would change nothing in a second run", async () => {
    const checkout = await Checkout.create();
    onTestFinished(() => checkout.remove());
    const programs = checkout.path(".tofu");
    mkdirSync(programs);
    symlinkSync(openTofu.get().executable, `${programs}/tofu`);
    const others = pathWithout(["terraform", "tofu"], checkout.path(".path"));
    const { exitCode, stdout, stderr } = await checkout.quickstart({
      env: { PATH: [programs, others].join(delimiter) },
    });
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("with tofu 1.");
    expect(stdout).toContain("Apply complete!");
    expect(stdout).toContain("A second run would change nothing");
  });
});
