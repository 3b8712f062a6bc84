import { printable, printableLine } from "../../shared/printable";
import type { Summary } from "../../shared/summary";
import type { AttributePath } from "./schema/attribute-path";

export interface Diagnostic {
  readonly severity: "error" | "warning";
  /** One line: what is wrong. */
  readonly summary: Summary;
  /** What was found, what was expected, and what to do. Never holds a key or another secret. */
  readonly detail: string;
  readonly path?: AttributePath;
}

/**
 * What a call has to tell the user. Handed to each operation of a resource, which adds to it. Both texts may have words of a
 * host, a hook or a CA in them: they are made fit for a terminal here.
 */
export class Diagnostics {
  readonly #all: Diagnostic[] = [];

  error(summary: Summary, detail: string, path?: AttributePath): void {
    this.#add("error", summary, detail, path);
  }

  warning(summary: Summary, detail: string, path?: AttributePath): void {
    this.#add("warning", summary, detail, path);
  }

  #add(severity: Diagnostic["severity"], summary: Summary, detail: string, path?: AttributePath): void {
    this.#all.push({
      severity,
      summary: printableLine(withoutStyle(summary)) as Summary,
      detail: printable(withoutStyle(detail)),
      path,
    });
  }

  get hasErrors(): boolean {
    return this.#all.some(({ severity }) => severity === "error");
  }

  get all(): readonly Diagnostic[] {
    return this.#all;
  }
}

/** Colours, and the line ends of other systems, are nothing that a reader has to see. */
function withoutStyle(text: string): string {
  return text.replace(COLOUR, "").replaceAll("\r\n", "\n");
}

/** "Select Graphic Rendition" (ECMA-48 §8.3.117). */
const COLOUR = new RegExp(`${"\u001b"}\\[[0-9;:]*m`, "g");
