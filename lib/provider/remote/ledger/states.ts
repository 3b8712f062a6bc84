/**
 * A Terraform state whose resources have changed a host. It is *begun* until it is known to have been saved: a run may be
 * killed before, and nobody else will ever have that state then. From then on it is *kept*, until somebody takes its files
 * over on purpose: then it is *lost*.
 */
export interface KnownState {
  readonly id: string;
  readonly stack: string;
  readonly standing: "begun" | "kept" | "lost";
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
  | readonly ["lost", id: string]
  | readonly ["member", id: string, token: string];

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
    const [verb, id] = entry;
    const known = this.#states.get(id);
    if (verb === "lost") {
      if (known) this.#states.set(id, { ...known, standing: "lost" });
      return;
    }
    const [, , stack, wroteAt, machine] = entry;
    const standing = known?.standing === "kept" ? "kept" : verb;
    this.#states.set(id, { id, stack, standing, wroteAt, machine });
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
  const { id, stack, standing, wroteAt, machine } = state;
  const verb = standing === "lost" ? "begun" : standing;
  const entry = [verb, id, stack, wroteAt, machine] as const;
  return standing === "lost" ? [entry, ["lost", id]] : [entry];
}
