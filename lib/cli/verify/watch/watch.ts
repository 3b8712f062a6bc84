import { setTimeout } from "node:timers/promises";
import { CliError } from "../../errors/cli-error";
import { EXIT } from "../../process/exit-code";

export interface WatchOptions {
  /** From the end of a run to the beginning of the next. */
  readonly intervalMs: number;
  /** Ends the watch, in the middle of a run too. */
  readonly interruption: AbortSignal;
  /** One run. @returns its exit status */
  readonly run: () => Promise<number>;
  /** Of a later run that could not begin; the first one's error is thrown. */
  readonly complain: (message: string) => void;
}

/**
 * Runs again and again, until it is interrupted.
 *
 * @returns the exit status of the last run that ended
 */
export async function watch({ intervalMs, interruption, run, complain }: WatchOptions): Promise<number> {
  const interrupted = new Promise<null>((done) => {
    interruption.addEventListener("abort", () => done(null), { once: true });
  });
  let last = await Promise.race([interrupted, run()]);
  while (last !== null) {
    await setTimeout(intervalMs, undefined, { signal: interruption }).catch(() => {});
    if (interruption.aborted) return last;
    const next = await Promise.race([interrupted, laterRun(run, complain)]);
    if (next === null) return last;
    last = next;
  }
  return EXIT.NOT_CHECKED;
}

/** A table that is just being written, or a state that cannot be reached for a while, does not end the watch. */
async function laterRun(run: () => Promise<number>, complain: (message: string) => void): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    complain(error.message);
    return EXIT.NOT_CHECKED;
  }
}
