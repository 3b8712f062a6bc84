import { expect, it, onTestFinished } from "vitest";
import { race, raceForNames } from "../../provider/host/support/races";
import { TestHost } from "../../provider/host/support/test-host";
import { describeIf, exchanger } from "../../support/requirements";

const CHANGES = 500;
const CHANGES_OF_NAMES = 150;

describeIf(exchanger, "another user who exchanges a directory for a link all the time", () => {
  it(`GIVEN ${CHANGES} changes THEN nothing behind the link changes`, async () => {
    const on = new TestHost();
    onTestFinished(() => on.remove());
    const outcome = await race(on, CHANGES);
    console.log(`${outcome.done} changes were done, ${outcome.refused} refused, none behind the link`);
    expect(outcome.done + outcome.refused).toBe(CHANGES);
  });
});

describeIf(exchanger, "another user who plants links at the names of temporary files all the time", () => {
  it(`GIVEN ${CHANGES_OF_NAMES} changes THEN nothing is written behind them`, async () => {
    const on = new TestHost();
    onTestFinished(() => on.remove());
    const outcome = await raceForNames(on, CHANGES_OF_NAMES);
    console.log(`${outcome.done} changes were done, ${outcome.refused} refused, none behind the links`);
    expect(outcome.done + outcome.refused).toBe(CHANGES_OF_NAMES);
  });
});
