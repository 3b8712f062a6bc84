import { type Html, html } from "./markup";

/** The looks of a mark. */
export type Look = "error" | "warning" | "note" | "ok";

/** A status as a word, so that it does not depend on the colour alone. */
export function mark(word: string, look: Look): Html {
  return html`<span class="status ${look}">${word}</span>`;
}
