import { ancestors } from "../../shared/transport/paths";
import type { Fact, Facts } from "./record/facts";
import type { Ledger } from "./record/ledger";
import type { Statements } from "./services/enquiry";

/**
 * The last observation of a host. An engine asks about each resource separately, so the first question
 * surveys everything that its stack has there: hundreds of questions cost two trips to the host.
 */
export class Survey {
  readonly #seen = performance.now();
  readonly #facts: Map<string, Fact>;
  readonly #paths: Set<string>;
  /** What services report, once they have been asked. */
  statements: Statements | undefined;

  /** @param paths the paths that were observed, whether something exists there or not */
  constructor(
    readonly ledger: Ledger,
    paths: Iterable<string>,
    facts: Facts,
  ) {
    this.#paths = new Set(paths);
    this.#facts = new Map(facts);
  }

  get facts(): Facts {
    return this.#facts;
  }

  /** How long ago the host was asked. */
  get ageMs(): number {
    return performance.now() - this.#seen;
  }

  /** The paths that were not observed. */
  missing(paths: readonly string[]): string[] {
    return paths.filter((path) => !this.#paths.has(path));
  }

  add(paths: readonly string[], facts: Facts): void {
    for (const path of paths) this.#paths.add(path);
    for (const [path, fact] of facts) this.#facts.set(path, fact);
  }
}

/** The paths, all others of the stacks that own them, and the directories that those are in. */
export function pathsOfSameStacks(paths: readonly string[], ledger: Ledger): Set<string> {
  const stacks = new Set(paths.flatMap((path) => ledger.owner(path)?.stack ?? []));
  const all = [...stacks].flatMap((stack) => ledger.pathsOfStack(stack));
  return new Set([...paths, ...all, ...all.flatMap((path) => ancestors(path).at(-1) ?? [])]);
}
