import { expect, it, onTestFinished } from "vitest";
import { describeIf, exchanger } from "../../support/requirements";
import { race, raceForNames } from "./support/races";
import { TestHost } from "./support/test-host";

describeIf(exchanger, "another user who exchanges a directory for a link all the time", () => {
  it("THEN nothing behind the link changes, whether the changes succeed or fail", async () => {
    const on = new TestHost();
    onTestFinished(() => on.remove());
    const { done, refused } = await race(on, 25);
    expect(done + refused).toBe(25);
    expect(
      on
        .leftovers()
        .filter((path) => path.startsWith("/secret/"))
        .sort(),
    ).toEqual(["/secret/.key.mail-sni-new", "/secret/.key.mail-sni-old"]);
  });
});

describeIf(exchanger, "another user who plants links at the names of temporary files all the time", () => {
  it("THEN nothing is written behind them, whether the changes succeed or fail", async () => {
    const on = new TestHost();
    onTestFinished(() => on.remove());
    const { done, refused } = await raceForNames(on, 15);
    expect(done + refused).toBe(15);
  });
});
