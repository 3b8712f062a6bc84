import type { Holder } from "../../shared/journal/holder";
import { log } from "../../shared/log";
import { AcmeFailure } from "../acme/failure";
import { pause } from "../acme/timeouts";
import { type KnownEntry, placeOf } from "./known-entries";

/** An entry that another process works on. */
export type HeldEntry = KnownEntry & { readonly heldBy: Holder };

/** As long as a provider goes on whose engine was killed, and longer. */
const LONGEST_WAIT_MS = 60_000;
const LOOK_AGAIN_MS = 250;

/**
 * Waits for other processes on this machine that work on entries: a provider whose engine was killed finishes what is under way.
 * A process keeps its entries until it ends, so each has one time limit, whatever number of its entries are waited for.
 */
export class HolderWaits {
  /** When the time of each process is over, by the monotonic clock. */
  readonly #deadlines = new Map<string, number>();

  /** @param longestMs how long one process is waited for */
  constructor(private readonly longestMs = LONGEST_WAIT_MS) {}

  /**
   * Waits until no process works on an entry.
   *
   * @param findHeld finds one that a process works on
   * @param lookAgain reads again what processes work on
   * @throws {AcmeFailure} if the process does not end in time, or when the signal aborts
   */
  async untilFree(
    findHeld: () => HeldEntry | undefined,
    lookAgain: () => Promise<void>,
    signal?: AbortSignal,
  ): Promise<void> {
    for (;;) {
      const held = findHeld();
      if (held === undefined) return;
      if (performance.now() >= this.#deadlineOf(held)) throw heldTooLong(held);
      await pause(LOOK_AGAIN_MS, signal, "another run");
      await lookAgain();
    }
  }

  #deadlineOf(held: HeldEntry): number {
    const { pid, start } = held.heldBy;
    const process = `${pid}-${start}`;
    const known = this.#deadlines.get(process);
    if (known !== undefined) return known;
    log("info", "Waits for another run that works on certificates of this stack", {
      ...{ pid, entry: placeOf(held), longest_ms: this.longestMs },
    });
    const deadline = performance.now() + this.longestMs;
    this.#deadlines.set(process, deadline);
    return deadline;
  }
}

function heldTooLong(held: HeldEntry): AcmeFailure {
  const { pid } = held.heldBy;
  return new AcmeFailure(
    `Process ${pid} on this machine, the provider of another run, still works on ${placeOf(held)}.`,
    `See what it is: ps -fp ${pid}. If its run goes on, wait until that has ended, and apply again. If its engine was killed, end it: ` +
      `kill ${pid}. This apply has ordered nothing for it, and what the other run has ordered is kept.`,
  );
}
