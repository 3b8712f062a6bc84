import { setTimeout } from "node:timers/promises";
import fc from "fast-check";
import { expect, it } from "vitest";
import { Turns } from "../../../lib/provider/acme/turns";

it("never lets two have to do with one thing, never hangs, and lets those with different things work side by side", async () => {
  const names = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(fc.array(names, { maxLength: 8 }), async (works) => {
      const turns = new Turns();
      const busy = new Set<string>();
      const work = (things: readonly string[], index: number) =>
        turns.take(things, async () => {
          for (const thing of things) expect(busy).not.toContain(thing);
          for (const thing of things) busy.add(thing);
          await setTimeout(0);
          for (const thing of things) busy.delete(thing);
          if (index % 3 === 0) throw new Error("this one fails");
        });
      const results = await Promise.allSettled(works.map(work));
      expect(results.map(({ status }) => status)).toEqual(
        works.map((_, index) => (index % 3 === 0 ? "rejected" : "fulfilled")),
      );
    }),
  );
});
