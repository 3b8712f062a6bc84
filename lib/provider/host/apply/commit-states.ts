import type { Problem } from "../desired/change";

/**
 * The states of what is committed for one service, what can happen in each, and the state that follows.
 *
 *     staged       new files lie beside their targets
 *     swapped      PEMs and links are in place
 *     checked      the service accepts the configuration
 *     broken       the service refused its configuration before the new PEMs came, too
 *     told         from here on the service may know the new files
 *     confirmed    it presents them, as far as it can be asked
 *     unconfirmed  it was told, and its activation stays pending
 *     untold       what is there stays, and the service is not told
 *     undone       what was there before is back in place
 */
export const TRANSITIONS = {
  staged: {
    "swapped in": "swapped",
    "cannot be noted": "undone",
  },
  swapped: {
    accepted: "checked",
    "broken before": "broken",
    refused: "undone",
    "nothing left": "untold",
  },
  checked: {
    installed: "told",
    "not built": "undone",
    "nothing to tell": "untold",
    "not running": "untold",
  },
  broken: {
    installed: "told",
    "not built": "undone",
    "still broken": "untold",
    "nothing to tell": "untold",
    "not running": "untold",
  },
  told: {
    presented: "confirmed",
    "not taken": "undone",
    "all refuted": "undone",
    "none confirmed": "unconfirmed",
    ended: "unconfirmed",
  },
} as const;

type Transitions = typeof TRANSITIONS;

/** A state that is not final. */
export type OpenState = keyof Transitions;
export type FinalState = "confirmed" | "unconfirmed" | "untold" | "undone";
export type CommitState = OpenState | FinalState;

/** The outcome of a step. An outcome that leads to `undone` has a reason. */
export type StepResult<S extends OpenState> = {
  [O in keyof Transitions[S]]: Transitions[S][O] extends "undone"
    ? { readonly outcome: O; readonly problem: Problem }
    : { readonly outcome: O; readonly problem?: undefined };
}[keyof Transitions[S]];

/**
 * The next state.
 *
 * @throws {RangeError} if the table has no such outcome
 */
export function next(state: OpenState, outcome: string): CommitState {
  const outcomes: Readonly<Record<string, CommitState>> = TRANSITIONS[state];
  const following = Object.hasOwn(outcomes, outcome) ? outcomes[outcome] : undefined;
  if (following === undefined) throw new RangeError(`"${outcome}" cannot happen in state ${state}.`);
  return following;
}

const HEARD: ReadonlySet<CommitState> = new Set(["told", "confirmed", "unconfirmed"]);

/** Whether the service may know the files in place, so that it has to be told when they are put back. */
export function hasHeard(state: CommitState): boolean {
  return HEARD.has(state);
}

export function isFinal(state: CommitState): state is FinalState {
  return !(state in TRANSITIONS);
}
