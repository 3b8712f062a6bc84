import { setTimeout } from "node:timers/promises";
import fc from "fast-check";
import { expect, it } from "vitest";
import { AcmeFailure } from "../../../lib/provider/acme/failure";
import { FirstOrders } from "../../../lib/provider/acme/first-orders";

const problem = { kind: "rateLimited", detail: "", subproblems: [] };

it("never gets more than are allowed, and fewer only where so many fail that there are no more", async () => {
  const outcome = fc.constantFrom("issued", "failed", "limited");
  const orders = fc.array(fc.tuple(outcome, fc.nat(3)), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 6 }), orders, async (most, all) => {
      const first = new FirstOrders();
      let [running, peak] = [0, 0];
      const begun: string[] = [];
      const results = await Promise.allSettled(
        all.map(([what, milliseconds]) =>
          first.run(most, async () => {
            begun.push(what);
            peak = Math.max(peak, ++running);
            await setTimeout(milliseconds);
            running--;
            if (what === "failed") throw new AcmeFailure("It failed.", "Try again.");
            if (what === "limited") throw new AcmeFailure("No more.", "Wait.", problem);
            return what;
          }),
        ),
      );
      const used = begun.filter((what) => what !== "failed").length;
      const issued = results.filter(({ status }) => status === "fulfilled").length;
      const deferred = results.filter(
        (each) => each.status === "rejected" && /deferred/.test(String(each.reason)),
      );
      expect(used).toBeLessThanOrEqual(most);
      expect(peak).toBeLessThanOrEqual(most);
      expect(issued).toBe(begun.filter((what) => what === "issued").length);
      expect(begun.length + deferred.length).toBe(all.length);
      if (deferred.length > 0) expect(used).toBe(most);
    }),
  );
});

it("GIVEN no limit THEN all are ordered at once", async () => {
  const first = new FirstOrders();
  const order = () => setTimeout(1, "issued");
  await expect(Promise.all([first.run(null, order), first.run(null, order)])).resolves.toEqual([
    "issued",
    "issued",
  ]);
});
