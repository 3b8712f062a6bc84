/** Where in a configuration a message belongs: attribute names, map keys and list positions from the top. */
export type AttributePath = readonly (string | number)[];

export interface Diagnostic {
  readonly severity: "error" | "warning";
  /** One line: what is wrong. */
  readonly summary: string;
  /** What was found, what was expected, and what to do. Never holds a key or another secret. */
  readonly detail: string;
  readonly path?: AttributePath;
}

/** What a call has to tell the user. Handed to each operation of a resource, which adds to it. */
export class Diagnostics {
  readonly #all: Diagnostic[] = [];

  error(summary: string, detail: string, path?: AttributePath): void {
    this.#all.push({ severity: "error", summary, detail, path });
  }

  warning(summary: string, detail: string, path?: AttributePath): void {
    this.#all.push({ severity: "warning", summary, detail, path });
  }

  get hasErrors(): boolean {
    return this.#all.some(({ severity }) => severity === "error");
  }

  get all(): readonly Diagnostic[] {
    return this.#all;
  }
}
