import { PENDING } from "../../messages/pending";
import { SERVICE } from "../../messages/services";
import type { Problem } from "../desired/change";
import { shownCertificate } from "../services/statements";

/**
 * A name that moves from one resource to another of the same state. The new files are in place, and the service still
 * selects the other resource's certificate, because that resource has not changed yet: an engine applies independent
 * resources in any order.
 */
export interface MovingName {
  readonly service: string;
  readonly name: string;
  /** The resource that declares it now. */
  readonly token: string;
  readonly stack: string;
  /** The certificate that the service should select. */
  readonly wanted: string;
  /** SHA-256 of its leaf; undefined if it cannot be read. */
  readonly fingerprint: string | undefined;
  /** The certificate that the service selects until the other resource changes. */
  readonly instead: string;
  /** `FILE:LINE` of the block that selects it. */
  readonly place: string;
}

/** The names that are moving on one host, from one transaction of a process to the next. */
export class MovingNames {
  #names: readonly MovingName[] = [];
  readonly #waiting = new Set<() => void>();

  ofService(service: string): readonly MovingName[] {
    return this.#names.filter((each) => each.service === service);
  }

  ofResource(token: string): readonly MovingName[] {
    return this.#names.filter((each) => each.token === token);
  }

  /** Replaces what is known of a resource's names at a service. */
  replace(service: string, token: string, names: readonly MovingName[]): void {
    this.#keep((each) => each.service !== service || each.token !== token, names);
  }

  /** Ends the moves of names that have arrived. */
  arrived(names: readonly MovingName[]): void {
    this.#keep((each) => !names.includes(each));
  }

  /** Resolves when a name has arrived, or its change was undone. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  #keep(isKept: (name: MovingName) => boolean, more: readonly MovingName[] = []): void {
    const kept = this.#names.filter(isKept);
    const isLess = kept.length < this.#names.length;
    this.#names = [...kept, ...more];
    if (!isLess) return;
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** The text for `pending` about a name that has not arrived. */
export function pendingMove({
  name,
  instead,
  stack,
}: Pick<MovingName, "name" | "instead" | "stack">): string {
  return PENDING.nameOfOtherResource(name, shownCertificate(instead), stack);
}

/** The warning about names of one resource that have not arrived. */
export function moveNotDone([first, ...others]: readonly [MovingName, ...MovingName[]]): Problem {
  const { service, name, wanted, instead, place, stack } = first;
  const more = others.length > 0 ? ` The same is true of ${others.length} more of its names.` : "";
  return {
    summary: SERVICE.nameNotMoved(name, service),
    detail:
      `Clients that request ${name} get ${shownCertificate(instead)}, not the one in ${wanted}: ${place} belongs to another ` +
      `resource of stack "${stack}", whose files on the host still have the name.${more} The new files are in place. If the change ` +
      "of that resource is still to come or has failed, apply again: that change frees the name. If both resources declare the " +
      "name, declare it in one of them only.",
    path: wanted,
  };
}
