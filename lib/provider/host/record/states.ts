/**
 * A Terraform state whose resources have changed a host.
 *
 * - *begun*: it may never have been saved, because its run was killed.
 * - *ended*: its run finished, and the engine was about to save the state. It may have been killed before.
 * - *kept*: the state was saved, and a later run has read it.
 * - *lost*: a user has had its files taken over.
 */
export interface KnownState {
  readonly id: string;
  readonly stack: string;
  readonly standing: "begun" | "ended" | "kept" | "lost";
  /** If it is *ended*: where that run was, as `thisPlace` names it. */
  readonly place?: string;
  /** When it last changed the host, RFC 3339, by the clock of the machine that the provider ran on. */
  readonly wroteAt: string;
  /** The machine that the provider ran on, and its user. */
  readonly machine: string;
}

/** Whether the text has the form of a state identity. */
export function isStateId(text: string): boolean {
  return /^[0-9a-f]{16}$/.test(text);
}

export type StateEntry =
  | readonly ["begun" | "kept", id: string, stack: string, wroteAt: string, machine: string]
  | readonly ["ended", id: string, place: string]
  | readonly ["lost", id: string]
  | readonly ["member", id: string, token: string];

/**
 * Whether a new state in `place` must not take that state's files. A run without a state, in the same place
 * as a run that has ended, follows an engine that was killed before it saved the state: it continues that
 * run's work.
 */
export function isInForce({ standing, place: endedIn }: KnownState, place: string): boolean {
  return standing === "kept" || (standing === "ended" && endedIn !== place);
}

/** Entries for states whose run has finished. */
export function endedStates(
  ids: Iterable<string>,
  place: string,
  ledger: { state(id: string): KnownState | undefined },
): StateEntry[] {
  return [...ids].flatMap((id) =>
    ledger.state(id)?.standing === "begun" ? [["ended", id, place] as const] : [],
  );
}

/** Entries for states that are newly known to be saved. The time of their last change stays the same. */
export function savedStates(
  ids: Iterable<string>,
  ledger: { state(id: string): KnownState | undefined },
): StateEntry[] {
  return [...ids].flatMap((id) => {
    const state = ledger.state(id);
    if (!state || state.standing === "kept") return [];
    return [["kept", id, state.stack, state.wroteAt, state.machine] as const];
  });
}

/** The states that have resources on a host, and the state of each resource. */
export class States {
  readonly #states = new Map<string, KnownState>();
  /** The identity of the state, by the resource's token. */
  readonly #ids = new Map<string, string>();

  take(entry: StateEntry): void {
    if (entry[0] === "member") {
      this.#ids.set(entry[2], entry[1]);
      return;
    }
    const id = entry[1];
    const known = this.#states.get(id);
    if (entry[0] === "lost") {
      if (known) this.#set({ ...known, standing: "lost" });
    } else if (entry[0] === "ended") {
      if (known?.standing === "begun") this.#set({ ...known, standing: "ended", place: entry[2] });
    } else {
      const [verb, , stack, wroteAt, machine] = entry;
      const isMore = known?.standing === "kept" || (known?.standing === "ended" && verb === "begun");
      const standing = isMore ? known.standing : verb;
      this.#set({ ...known, id, stack, standing, wroteAt, machine });
    }
  }

  /** Where a run has ended counts only as long as nothing else is known of its state. */
  #set({ place, ...state }: KnownState): void {
    this.#states.set(state.id, state.standing === "ended" ? { ...state, place } : state);
  }

  find(id: string): KnownState | undefined {
    return this.#states.get(id);
  }

  /** The state that a resource is in; undefined if it is unknown. */
  idOf(token: string): string | undefined {
    return this.#ids.get(token);
  }

  /** Entries for the states of these resources, for a compacted ledger. */
  entriesOf(tokens: Iterable<string>): StateEntry[] {
    const members = [...tokens].flatMap((token) => {
      const id = this.#ids.get(token);
      return id === undefined ? [] : [["member", id, token] as const];
    });
    const ids = new Set(members.map(([, id]) => id));
    return [...[...ids].flatMap((id) => stateEntries(this.#states.get(id))), ...members];
  }
}

function stateEntries(state: KnownState | undefined): StateEntry[] {
  if (!state) return [];
  const { id, stack, standing, wroteAt, machine, place = "" } = state;
  const entry = [standing === "kept" ? "kept" : "begun", id, stack, wroteAt, machine] as const;
  if (standing === "lost") return [entry, ["lost", id]];
  return standing === "ended" ? [entry, ["ended", id, place]] : [entry];
}
