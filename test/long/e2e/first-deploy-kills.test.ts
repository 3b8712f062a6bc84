import { rmSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { expect, it } from "vitest";
import { Checkouts, deployed, expectNothingLeft, stateFile } from "../../e2e/lifecycle/checkouts";
import { engineUnderTest } from "../../support/engine-under-test";
import { describeIf } from "../../support/requirements";
import type { StackProject } from "../../support/stack-project";
import { killsOf } from "../support/kills";

const KILLS = killsOf("firstDeploy");
/** For all of them. Said here, since a file that imports several suites has the limit that the last of them sets. */
const LIMIT = { timeout: 600_000 };

describeIf(engineUnderTest, "a first deploy that is killed at a random time", () => {
  it(
    "THEN the next one finishes it, though its state was lost, and at the very end as well",
    LIMIT,
    async () => {
      const checkouts = await Checkouts.create();
      try {
        const project = await checkouts.add();
        await deployed(project);
        reset(project, checkouts);
        const start = performance.now();
        const deploying = deployed(project);
        while (!checkouts.hasLedger) await setTimeout(10);
        const untilLedgerMs = performance.now() - start;
        await deploying;
        const longestMs = (performance.now() - start) * 1.05;
        const changingMs = longestMs - untilLedgerMs;
        const counts = { "nothing begun": 0, finished: 0 };

        for (let kill = 0; kill < KILLS; kill++) {
          reset(project, checkouts);
          // Half of them come while the host is changed: by chance alone too few might.
          const isOnHost = kill % 4 >= 2;
          const afterMs = Math.random() * (isOnHost ? changingMs : longestMs);
          await project.applyUntilKilled(afterMs, isOnHost ? () => checkouts.hasLedger : undefined);
          // Terraform writes a local state all the time; a remote backend may have got nothing yet.
          if (kill % 2 === 0) forgetState(project);
          counts[checkouts.hasLedger ? "finished" : "nothing begun"]++;
          await deployed(project);
          await expectNothingLeft(project);
        }

        expect(counts.finished).toBeGreaterThan(0);
        console.info(`${KILLS} first deploys were killed: ${JSON.stringify(counts)}`);
      } finally {
        checkouts.remove();
      }
    },
  );
});

function reset(project: StackProject, checkouts: Checkouts): void {
  forgetState(project);
  checkouts.clear();
}

function forgetState(project: StackProject): void {
  for (const file of [stateFile(project), `${stateFile(project)}.backup`]) rmSync(file, { force: true });
}
