/**
 * A Terraform state whose resources have changed a host.
 *
 * - *begun*: a run that was killed may never have saved it.
 * - *ended*: that run came to its end, and the engine was about to save the state. It may have been killed in that moment.
 * - *kept*: the state was saved, and has come back from there.
 * - *lost*: somebody has taken its files over on purpose.
 */
export interface KnownState {
  readonly id: string;
  readonly stack: string;
  readonly standing: "begun" | "ended" | "kept" | "lost";
  /** Of one that is ended: where that run was, as `thisPlace` names it. */
  readonly place?: string;
  /** When it changed the host last, RFC 3339, by the clock of the machine that did. */
  readonly wroteAt: string;
  /** From which machine that was, and as which user. */
  readonly machine: string;
}

/** Made by `mailsni_state_identity`. */
export function isStateId(text: string): boolean {
  return /^[0-9a-f]{16}$/.test(text);
}

export type StateEntry =
  | readonly ["begun" | "kept", id: string, stack: string, wroteAt: string, machine: string]
  | readonly ["ended", id: string, place: string]
  | readonly ["lost", id: string]
  | readonly ["member", id: string, token: string];

/**
 * Whether a state of its own, from `place`, has to leave alone what that state has. A run in the very place of one that has
 * ended, without its state, comes after a kill in the last moment, and finishes what that one has begun.
 */
export function isInForce({ standing, place: endedIn }: KnownState, place: string): boolean {
  return standing === "kept" || (standing === "ended" && endedIn !== place);
}

/** What to note of states whose run has come to its end. */
export function endedStates(
  ids: Iterable<string>,
  place: string,
  ledger: { state(id: string): KnownState | undefined },
): StateEntry[] {
  return [...ids].flatMap((id) =>
    ledger.state(id)?.standing === "begun" ? [["ended", id, place] as const] : [],
  );
}

/** What to note of states that have been saved, where that is not known: when they changed the host last stays as it was. */
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

/** Which states have resources on a host, and which resource is of which. */
export class States {
  readonly #states = new Map<string, KnownState>();
  /** By the token of a resource. */
  readonly #ids = new Map<string, string>();

  take(entry: StateEntry): void {
    if (entry[0] === "member") {
      this.#ids.set(entry[2], entry[1]);
      return;
    }
    const id = entry[1];
    const known = this.#states.get(id);
    if (entry[0] === "lost") {
      if (known) this.#states.set(id, { ...known, standing: "lost" });
    } else if (entry[0] === "ended") {
      if (known?.standing === "begun") this.#states.set(id, { ...known, standing: "ended", place: entry[2] });
    } else {
      const [verb, , stack, wroteAt, machine] = entry;
      const isMore = known?.standing === "kept" || (known?.standing === "ended" && verb === "begun");
      const standing = isMore ? known.standing : verb;
      this.#states.set(id, { ...known, id, stack, standing, wroteAt, machine });
    }
  }

  find(id: string): KnownState | undefined {
    return this.#states.get(id);
  }

  /** The state that a resource is in; undefined where that is not known. */
  idOf(token: string): string | undefined {
    return this.#ids.get(token);
  }

  /** What there is to say of the states of those resources. */
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
