import type { Summary } from "../../shared/summary";
import { printable, printableLine } from "../../shared/text/printable";
import type { AttributePath } from "./schema/attribute-path";

export interface Diagnostic {
  readonly severity: "error" | "warning";
  /** One line: what is wrong. */
  readonly summary: Summary;
  /** What was found, what was expected, and what to do. Never contains a key or another secret. */
  readonly detail: string;
  readonly path?: AttributePath;
}

/**
 * Collects the messages of a call for the user. Each operation of a resource adds to it. Summary and detail
 * may quote a host, a hook or a CA, so control characters are removed here.
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

/** Removes colours and carriage returns, which would otherwise be printed as escaped characters. */
function withoutStyle(text: string): string {
  return text.replace(COLOUR, "").replaceAll("\r\n", "\n");
}

/** "Select Graphic Rendition" (ECMA-48 §8.3.117), which sets colours. */
const COLOUR = new RegExp(`${"\u001b"}\\[[0-9;:]*m`, "g");
