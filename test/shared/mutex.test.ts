import { setTimeout } from "node:timers/promises";
import fc from "fast-check";
import { expect, it } from "vitest";
import { KeyedMutex, Mutex } from "../../lib/shared/mutex";

it("never runs two with one key at once, never hangs, and runs those with different keys side by side", async () => {
  const keySets = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(fc.array(keySets, { maxLength: 8 }), async (works) => {
      const mutex = new KeyedMutex();
      const busy = new Set<string>();
      const work = (keys: readonly string[], index: number) =>
        mutex.run(keys, async () => {
          for (const key of keys) expect(busy).not.toContain(key);
          for (const key of keys) busy.add(key);
          await setTimeout(0);
          for (const key of keys) busy.delete(key);
          if (index % 3 === 0) throw new Error("this one fails");
        });
      const results = await Promise.allSettled(works.map(work));
      expect(results.map(({ status }) => status)).toEqual(
        works.map((_, index) => (index % 3 === 0 ? "rejected" : "fulfilled")),
      );
    }),
  );
});

it("GIVEN a mutex without keys THEN work runs in the order in which it was asked for, also after one that fails", async () => {
  const mutex = new Mutex();
  const log: string[] = [];
  const work = (name: string) =>
    mutex.run(async () => {
      log.push(`${name} begins`);
      await setTimeout(0);
      log.push(`${name} ends`);
      if (name === "first") throw new Error("this one fails");
    });
  await Promise.allSettled(["first", "second", "third"].map(work));
  expect(log).toEqual(["first", "second", "third"].flatMap((name) => [`${name} begins`, `${name} ends`]));
});
