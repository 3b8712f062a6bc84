import { shellQuote } from "../../shared/transport/shell-quote";

/** A word of a command that a report shows, for a POSIX shell: quoted if it needs that. */
export function shownWord(word: string): string {
  return /^[A-Za-z0-9_.:/-]+$/.test(word) ? word : shellQuote(word);
}
