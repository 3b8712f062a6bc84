import type { Problem } from "../desired/change";

/**
 * The states of a commit for one service: the outcomes of each state, and the state that follows.
 *
 *     staged       new files lie beside their targets
 *     swapped      PEMs and links are in place
 *     checked      the service accepts the configuration
 *     broken       the service refuses the configuration, as it did without the new PEMs
 *     told         the service is activated: from here on it may have loaded the new files
 *     confirmed    the service presents the certificates, as far as handshakes can show that
 *     unconfirmed  the service was activated, but its activation stays pending
 *     untold       the files stay in place, and the service is not activated
 *     undone       the previous files are restored
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

/** Whether the service may have loaded the new files, so that it has to be activated again when they are undone. */
export function hasHeard(state: CommitState): boolean {
  return HEARD.has(state);
}

export function isFinal(state: CommitState): state is FinalState {
  return !(state in TRANSITIONS);
}
