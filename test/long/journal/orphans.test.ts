import { expect, it } from "vitest";
import { findEngines } from "../../support/engine";
import { Pebble } from "../../support/pebble";
import { describeIf, engine, pebble as pebbleIsThere } from "../../support/requirements";
import { Issued } from "./issued";
import { JournaledStack } from "./journaled-stack";
import { httpStates } from "./remote-states";

const DOMAINS = Array.from({ length: 20 }, (_, index) => `d${index}.test`);

describeIf([engine, pebbleIsThere], "a provider whose engine was killed before it saved a state", () => {
  it.each(findEngines().map((each) => [each.name, each] as const))(
    "GIVEN %s, and the provider still works WHEN the next apply begins THEN it waits, and issues nothing twice",
    { timeout: 300_000 },
    async (_, engine) => {
      const [pebble, states] = [await Pebble.start(), await httpStates()];
      const stack = await JournaledStack.create({ engine, pebble, states });
      try {
        const issued = new Issued(pebble);
        stack.declare(DOMAINS.map((name) => [name]));
        await stack.init();
        const goOn = await stack.applyUntilOrphaned(() => issued.count >= 5);
        const next = stack.apply();
        await stack.waits();
        goOn();
        const { output } = await next;
        expect(output).toContain("Apply complete!");
        expect(issued.count).toBe(DOMAINS.length);
        expect((await stack.plan()).exitCode).toBe(0);
      } finally {
        stack.remove();
        await states.stop();
        await pebble.stop();
      }
    },
  );
});
