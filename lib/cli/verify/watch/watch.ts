import { setTimeout } from "node:timers/promises";
import { CliError } from "../../errors/cli-error";
import { EXIT } from "../../process/exit-code";

export interface WatchOptions {
  /** The time from the end of a run to the start of the next. */
  readonly intervalMs: number;
  /** Ends the watch, in the middle of a run too. */
  readonly interruption: AbortSignal;
  /** One run. @returns its exit status */
  readonly run: () => Promise<number>;
  /** Is called with the error of a later run that could not start; the error of the first run is thrown. */
  readonly complain: (message: string) => void;
}

/**
 * Repeats a run until it is interrupted.
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

/** Reports the error of a run and goes on: the table may just be written, or the state be unreachable for a while. */
async function laterRun(run: () => Promise<number>, complain: (message: string) => void): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    complain(error.message);
    return EXIT.NOT_CHECKED;
  }
}
