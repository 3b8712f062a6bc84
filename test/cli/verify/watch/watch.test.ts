import { describe, expect, it } from "vitest";
import { CliError } from "../../../../lib/cli/errors/cli-error";
import { watch } from "../../../../lib/cli/verify/watch/watch";

const UNREADABLE = new CliError("CLI_TABLE_INVALID", "It is half written.", "Wait.");

/** Watches runs that end so, one after the other; the last of them interrupts the watch once it has ended. */
async function watched(...ends: (number | Error)[]): Promise<{ exitCode: number; complaints: string[] }> {
  const controller = new AbortController();
  const complaints: string[] = [];
  const exitCode = await watch({
    intervalMs: 1,
    interruption: controller.signal,
    complain: (message) => complaints.push(message),
    run: async () => {
      const end = ends.shift();
      if (ends.length === 0) setTimeout(() => controller.abort(), 0);
      if (end instanceof Error) throw end;
      if (end === undefined) return new Promise(() => {});
      return end;
    },
  });
  return { exitCode, complaints };
}

describe("watch", () => {
  it("GIVEN an interruption between two runs THEN the exit status is that of the last", async () => {
    expect((await watched(0, 1, 0)).exitCode).toBe(0);
    expect((await watched(0, 1)).exitCode).toBe(1);
  });

  it("GIVEN an interruption in the middle of a run THEN it is that of the run before; of the first, 2", async () => {
    const never = undefined as unknown as number;
    expect((await watched(1, never)).exitCode).toBe(1);
    expect((await watched(never)).exitCode).toBe(2);
  });

  it("GIVEN a later run that cannot begin THEN it is told, and the watch goes on", async () => {
    expect(await watched(0, UNREADABLE, 1)).toEqual({ exitCode: 1, complaints: [UNREADABLE.message] });
    expect((await watched(0, UNREADABLE)).exitCode).toBe(2);
  });

  it("GIVEN a first run that cannot begin, or an unexpected error THEN that ends it", async () => {
    await expect(watched(UNREADABLE, 0)).rejects.toBe(UNREADABLE);
    const bug = new TypeError("x");
    await expect(watched(0, bug, 0)).rejects.toBe(bug);
  });
});
