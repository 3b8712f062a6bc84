/** Control characters, what changes the direction of text (U+202E), and what ends a line without being a line feed. */
const HARMFUL = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]/gu;
const KEPT_IN_TEXT: readonly string[] = ["\n", "\t"];

/**
 * Text from outside as it can be shown on a terminal. What a terminal would obey, or what would show other words than there
 * are, is written as an escape: `\u001b`. Line feeds and tabs are kept.
 */
export function printable(text: string): string {
  return text.replace(HARMFUL, (character) =>
    KEPT_IN_TEXT.includes(character) ? character : escaped(character),
  );
}

/** The same for what has to stay on one line. */
export function printableLine(text: string): string {
  return text.replace(HARMFUL, escaped);
}

/** All of them are in the basic plane. */
function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
