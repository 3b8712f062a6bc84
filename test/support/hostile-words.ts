/** What an attacker would have a terminal do: clear the screen, show a success, and turn a word around. */
export const HOSTILE_WORDS =
  "\u001b[2J\u001b[1;1H\u009b31mApply complete!\u0007 \u202egpj.exe\u202c \u2066x\u2069 \rover";

/** Whether a terminal would show a text as it is, and do nothing else. */
export function isPlain(text: string): boolean {
  // Apart from the line feed and the tab.
  return !/[^\P{Cc}\n\t]|[\p{Bidi_Control}\p{Zl}\p{Zp}]/u.test(text);
}
