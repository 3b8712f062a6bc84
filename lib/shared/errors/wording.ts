/** At most ten, so that a message stays readable. */
export function listed(names: readonly string[], none = "none"): string {
  if (names.length === 0) return none;
  const shown = names.slice(0, 10).join(", ");
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown;
}

/** As JSON, so that invisible characters show, and never longer than a line. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text).replace(
    LEFT_BY_JSON,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** What a terminal obeys, or what changes the direction of text (U+202E), and JSON does not escape. */
const LEFT_BY_JSON = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;
