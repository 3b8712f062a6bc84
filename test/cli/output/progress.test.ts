import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Progress } from "../../../lib/cli/output/progress";

const REPLACE = "\r\u001b[K";

describe("a line of progress", () => {
  let written: string[];
  const on = (hasProgress: boolean) =>
    new Progress({ hasColour: false, hasProgress }, (text) => void written.push(text));
  beforeEach(() => {
    written = [];
    vi.useFakeTimers();
  });
  afterEach(() => vi.useRealTimers());

  it("GIVEN work THEN it is shown with its time each second, and removed at the end, whatever that is", async () => {
    const progress = on(true);
    const work = progress.during("Plan", () => new Promise((done) => setTimeout(done, 2500)));
    await vi.advanceTimersByTimeAsync(2500);
    await work;
    expect(written).toEqual([...[0, 1, 2].map((seconds) => `${REPLACE}Plan: ${seconds} s`), REPLACE]);
    await expect(progress.during("Plan", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(written.at(-1)).toBe(REPLACE);
    await vi.advanceTimersByTimeAsync(5000);
    expect(written).toHaveLength(6);
  });

  it("GIVEN many updates THEN few are written, the first among them", () => {
    const progress = on(true);
    for (let count = 1; count <= 100; count++) {
      progress.show(`${count} handshakes`);
      vi.advanceTimersByTime(10);
    }
    expect(written[0]).toBe(`${REPLACE}1 handshakes`);
    expect(written).toHaveLength(10);
  });

  it("GIVEN no terminal THEN nothing is written", async () => {
    const progress = on(false);
    progress.show("1 handshake");
    await progress.during("Plan", async () => {});
    progress.clear();
    expect(written).toEqual([]);
  });
});
