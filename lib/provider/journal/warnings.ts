import { JOURNAL } from "../messages/journal";
import type { Diagnostics } from "../protocol/diagnostics";
import type { JournalUnusable } from "./store";

const MOST_SHOWN = 5;

/** Warns that nothing can be written down. */
export function warnOfUnusable({ message, remedy }: JournalUnusable, diagnostics: Diagnostics): void {
  diagnostics.warning(
    JOURNAL.unusable,
    `${message} Certificates are issued all the same; those of a run that is killed before its state is saved are lost, ` +
      `and so are their keys. ${remedy}`,
  );
}

/** Warns of what was not taken for an entry. @param ignored each with the reason, as a sentence without its full stop */
export function warnOfIgnored(ignored: readonly string[], diagnostics: Diagnostics): void {
  const more = ignored.length > MOST_SHOWN ? `So were ${ignored.length - MOST_SHOWN} more. ` : "";
  diagnostics.warning(
    JOURNAL.ignored,
    `${ignored.slice(0, MOST_SHOWN).join(". ")}. ${more}` +
      "This run does not use it, and leaves it. Find out who has put it there, and remove it.",
  );
}
