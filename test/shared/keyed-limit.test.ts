import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KeyedLimit } from "../../lib/shared/keyed-limit";

/** Work that ends when it is told to. */
class Work {
  readonly begun: string[] = [];
  readonly #ends = new Map<string, (error?: Error) => void>();

  constructor(private readonly limit: KeyedLimit) {}

  begin(key: string, name: string): Promise<string> {
    return this.limit.run(key, () => {
      this.begun.push(name);
      return new Promise((done, reject) => {
        this.#ends.set(name, (error) => (error ? reject(error) : done(name)));
      });
    });
  }

  end(name: string, error?: Error): void {
    this.#ends.get(name)?.(error);
  }
}

describe("KeyedLimit", () => {
  it("GIVEN more work of a key than may run THEN the rest begins in order, as other work ends or fails", async () => {
    const work = new Work(new KeyedLimit(2));
    const all = ["a", "b", "c", "d"].map((name) => work.begin("one", name));
    const other = work.begin("other", "e");
    await Promise.resolve();
    expect(work.begun.sort()).toEqual(["a", "b", "e"]);
    work.end("b", new Error("b failed"));
    await expect(all[1]).rejects.toThrow("b failed");
    await Promise.resolve();
    expect(work.begun.at(-1)).toBe("c");
    for (const name of ["a", "c"]) {
      work.end(name);
      await all[name === "a" ? 0 : 2];
    }
    expect(work.begun.at(-1)).toBe("d");
    for (const name of ["d", "e"]) work.end(name);
    expect(await Promise.all([all[3], other])).toEqual(["d", "e"]);
  });

  it("GIVEN any work THEN all of it runs, and never more of a key than may", async () => {
    const pieces = fc.array(fc.record({ key: fc.constantFrom("a", "b"), ticks: fc.nat(4) }));
    await fc.assert(
      fc.asyncProperty(pieces, fc.integer({ min: 1, max: 4 }), async (all, most) => {
        const limit = new KeyedLimit(most);
        const running = { a: 0, b: 0 };
        let largest = 0;
        const runs = all.map(({ key, ticks }) =>
          limit.run(key, async () => {
            largest = Math.max(largest, ++running[key]);
            for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
            running[key]--;
            return key;
          }),
        );
        expect(await Promise.all(runs)).toEqual(all.map(({ key }) => key));
        expect(largest).toBeLessThanOrEqual(most);
      }),
    );
  });
});
