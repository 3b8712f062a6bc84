import { rmSync } from "node:fs";
import { expect, it } from "vitest";
import { Checkouts, deployed, expectNothingLeft, stateFile } from "../../e2e/lifecycle/checkouts";
import { engineUnderTest } from "../../support/engine-under-test";
import { describeIf } from "../../support/requirements";
import type { StackProject } from "../../support/stack-project";

const KILLS = 16;

describeIf(engineUnderTest, "a first deploy that is killed at a random time", () => {
  it("THEN the next one finishes it; where its state was lost at the very end, that is taken over on purpose", async () => {
    const checkouts = await Checkouts.create();
    try {
      const project = await checkouts.add();
      await deployed(project);
      reset(project, checkouts);
      const start = performance.now();
      await deployed(project);
      const longestMs = (performance.now() - start) * 1.05;
      const counts = { "nothing begun": 0, finished: 0, "taken over": 0 };

      for (let kill = 0; kill < KILLS; kill++) {
        reset(project, checkouts);
        await project.applyUntilKilled(Math.random() * longestMs);
        // Terraform writes a local state all the time; a remote back end may have got nothing yet.
        const isLost = kill % 2 === 0;
        if (isLost) forgetState(project);
        const [kept] = checkouts.identities;
        if (isLost && kept !== undefined) {
          expect((await project.apply()).errors.join()).toContain(kept);
          await deployed(project, { MAIL_SNI_TAKE_OVER: kept });
          counts["taken over"]++;
        } else {
          counts[checkouts.hasLedger ? "finished" : "nothing begun"]++;
          await deployed(project);
        }
        await expectNothingLeft(project);
      }

      console.info(`${KILLS} first deploys were killed: ${JSON.stringify(counts)}`);
    } finally {
      checkouts.remove();
    }
  });
});

function reset(project: StackProject, checkouts: Checkouts): void {
  forgetState(project);
  checkouts.clear();
}

function forgetState(project: StackProject): void {
  for (const file of [stateFile(project), `${stateFile(project)}.backup`]) rmSync(file, { force: true });
}
