import { mkdirSync, statSync, symlinkSync } from "node:fs";
import { delimiter } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { AS_NOBODY, NOBODY, nobodyCanRead } from "../e2e/quickstart/another-user";
import { Checkout } from "../e2e/quickstart/checkout";
import { pathWithout } from "../e2e/quickstart/path-without";
import { openTofu } from "../e2e/served/engine-choice";
import { engineUnderTest, requireEngine } from "../support/engine-under-test";
import { describeIf, root } from "../support/requirements";

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

describeIf([engineUnderTest, root, nobodyCanRead], "npm run quickstart, not as root", () => {
  it("deploys, and all files belong to the user who ran it", async () => {
    const checkout = await Checkout.create();
    onTestFinished(() => checkout.remove());
    checkout.giveTo(NOBODY, NOBODY);
    const { exitCode, stdout, stderr } = await checkout.quickstart({
      through: AS_NOBODY,
      env: { TERRAFORM_BINARY_NAME: requireEngine().executable },
    });
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("A second run would change nothing");
    const { uid, gid } = statSync(checkout.path("out/mx1/var/qmail/control/servercert.pem"));
    expect({ uid, gid }).toEqual({ uid: NOBODY, gid: NOBODY });
  });
});
