import { Journal } from "./journal";

/** The journal of each configuration of the provider. */
export class Journals {
  readonly #journals = new WeakMap<object, Journal>();

  set(configuration: object, journal: Journal): void {
    this.#journals.set(configuration, journal);
  }

  /** A configuration without a journal has one that writes nothing. */
  of(configuration: unknown): Journal {
    const found =
      typeof configuration === "object" && configuration !== null && this.#journals.get(configuration);
    return found || new Journal({ stack: "", place: "", workspace: "" });
  }
}
