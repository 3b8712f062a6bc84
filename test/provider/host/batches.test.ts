import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Batches } from "../../../lib/provider/host/batches";

describe("Batches", () => {
  it("GIVEN items that arrive together THEN they are handled together, each with its own result", async () => {
    const handled: number[][] = [];
    const batches = new Batches<number, number>(async (items) => {
      handled.push([...items]);
      return items.map((item) => item * 2);
    });
    expect(await Promise.all([1, 2, 3].map((item) => batches.add(item)))).toEqual([2, 4, 6]);
    expect(handled).toEqual([[1, 2, 3]]);
  });

  it("GIVEN items that arrive while a batch is handled THEN they wait for it and make the next one", async () => {
    const handled: string[][] = [];
    let running = 0;
    const batches = new Batches<string, string>(async (items) => {
      expect(++running).toBe(1);
      handled.push([...items]);
      if (items.includes("first")) late.push(batches.add("b"), batches.add("c"));
      await new Promise((resolve) => setTimeout(resolve, 20));
      running--;
      return items;
    });
    const late: Promise<string>[] = [];
    await batches.add("first");
    expect(await Promise.all(late)).toEqual(["b", "c"]);
    expect(handled).toEqual([["first"], ["b", "c"]]);
  });

  it.each([
    ["a batching window", 0.2, [["first"], ["b", "c"]]],
    ["none", undefined, [["first"], ["b"], ["c"]]],
  ])(
    "GIVEN %s THEN what follows a long batch now and then is handled so",
    async (_, windowShare, expected) => {
      vi.useFakeTimers();
      try {
        const handled: string[][] = [];
        const handle = async (items: readonly string[]) => {
          handled.push([...items]);
          await new Promise((resolve) => setTimeout(resolve, items.includes("first") ? 1000 : 1));
          return items;
        };
        const batches = new Batches(handle, windowShare);
        void batches.add("first");
        await vi.advanceTimersByTimeAsync(1100);
        void batches.add("b");
        await vi.advanceTimersByTimeAsync(100);
        void batches.add("c");
        await vi.advanceTimersByTimeAsync(1000);
        expect(handled).toEqual(expected);
      } finally {
        vi.useRealTimers();
      }
    },
  );

  describe("GIVEN a batching window, and as many as have been there at once before", () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    async function handledAfter(first: readonly string[], then: readonly string[]): Promise<string[][]> {
      const handled: string[][] = [];
      const batches = new Batches(async (items: readonly string[]) => {
        handled.push([...items]);
        await new Promise((resolve) => setTimeout(resolve, 1000));
        return items;
      }, 0.2);
      for (const item of first) void batches.add(item);
      await vi.advanceTimersByTimeAsync(1100);
      for (const item of then) void batches.add(item);
      await vi.advanceTimersByTimeAsync(1);
      return handled;
    }

    it("THEN no other item is waited for", async () => {
      expect(await handledAfter(["a", "b"], ["c", "d"])).toEqual([
        ["a", "b"],
        ["c", "d"],
      ]);
    });

    it("WHEN one is missing THEN that one is waited for", async () => {
      expect(await handledAfter(["a", "b", "c"], ["d", "e"])).toEqual([["a", "b", "c"]]);
    });

    it("WHEN that was one only THEN others are waited for: what all depend on comes alone", async () => {
      expect(await handledAfter(["a"], ["b"])).toEqual([["a"]]);
    });
  });

  it("GIVEN a batch that throws THEN all of it fails, and the next batch is handled", async () => {
    const batches = new Batches<string, string>(async (items) => {
      if (items.includes("bad")) throw new Error("broken");
      return items;
    });
    const results = await Promise.allSettled([batches.add("bad"), batches.add("other")]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await batches.add("good")).toBe("good");
  });

  it("WHEN asked to settle THEN it waits for what is under way", async () => {
    let done = false;
    const batches = new Batches<number, number>(async (items) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      done = true;
      return items;
    });
    void batches.add(1);
    await batches.settled();
    expect(done).toBe(true);
  });
});
