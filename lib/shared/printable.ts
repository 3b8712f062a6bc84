/**
 * Control characters, characters that change the direction of text (U+202E), and line ends other than a line
 * feed.
 */
const HARMFUL = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]/gu;
const KEPT_IN_TEXT: readonly string[] = ["\n", "\t"];

/**
 * Makes text from outside safe to show on a terminal. Characters that a terminal interprets, or that disguise
 * the text, are written as escapes: `\u001b`. Line feeds and tabs are kept.
 */
export function printable(text: string): string {
  return text.replace(HARMFUL, (character) =>
    KEPT_IN_TEXT.includes(character) ? character : escaped(character),
  );
}

/** The same for text that has to stay on one line. */
export function printableLine(text: string): string {
  return text.replace(HARMFUL, escaped);
}

/** Escapes a character as `\u` and four digits: all these characters are in the basic plane. */
function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
