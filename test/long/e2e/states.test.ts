import { copyFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Checkouts, deployed, expectNothingLeft, IDENTITY, stateFile } from "../../e2e/lifecycle/checkouts";
import { engineUnderTest } from "../../support/engine-under-test";
import { describeIf } from "../../support/requirements";
import type { StackProject } from "../../support/stack-project";

const HOST_FILES = ["base__mx1", "d_domain1_tld__mx1", "d_domain2_tld__mx1", "default__mx1"].map(
  (name) => `mailsni_host_files.${name}`,
);

describeIf(engineUnderTest, "a state that is not what it was", () => {
  let checkouts: Checkouts;
  let first: StackProject;

  beforeEach(async () => {
    checkouts = await Checkouts.create();
    first = await checkouts.add();
  });
  afterEach(() => checkouts.remove());

  it("GIVEN an older backup of the state THEN what came to the host since is taken over in silence", async () => {
    checkouts.declare(first, "mx1", ["domain1.tld"]);
    await deployed(first);
    const backup = join(first.directory, "backup.tfstate");
    copyFileSync(stateFile(first), backup);
    checkouts.declare(first, "mx1");
    await deployed(first);

    renameSync(backup, stateFile(first));
    expect((await deployed(first)).messages.filter(({ severity }) => severity === "Error")).toEqual([]);

    await expectNothingLeft(first);
  });

  it("GIVEN the identity is replaced, or forgotten, THEN the state can go on", async () => {
    await deployed(first);
    const replaced = await first.apply({}, [`-replace=${IDENTITY}`]);
    expect(replaced.exitCode, replaced.output).toBe(0);
    await expectNothingLeft(first);

    await first.forget(IDENTITY);
    const [forgotten] = checkouts.identities;
    expect((await first.apply()).errorsOf(IDENTITY)[0]).toContain(forgotten);
    await deployed(first, { MAIL_SNI_TAKE_OVER: String(forgotten) });
    await expectNothingLeft(first);
  });

  it("GIVEN it was taken over, and is found again, THEN it changes and removes nothing, until it takes over itself", async () => {
    await deployed(first);
    const found = join(first.directory, "found.tfstate");
    renameSync(stateFile(first), found);
    await deployed(first, { MAIL_SNI_TAKE_OVER: String(checkouts.identities[0]) });
    const before = checkouts.host;
    const second = await checkouts.add();
    copyFileSync(found, stateFile(second));
    const plan = await second.plan();
    expect(Object.keys(plan.changes).sort()).toEqual(HOST_FILES);
    expect(plan.output).toContain('belongs to another state of stack \\"mail\\"');
    const refused = await second.apply();
    expect(refused.exitCode).toBe(1);
    // What depends on base is not even tried.
    expect(refused.errors).toHaveLength(1);
    expect(refused.errorsOf("mailsni_host_files.base__mx1")[0]).toMatch(
      /belongs to another state of the stack/,
    );
    const { exitCode, output } = await second.destroy();
    expect(exitCode, output).toBe(0);
    expect(checkouts.host).toEqual(before);
    await expectNothingLeft(first);
    copyFileSync(found, stateFile(second));
    await deployed(second, { MAIL_SNI_TAKE_OVER: String(checkouts.identities[0]) });
    await expectNothingLeft(second);
  });
});
