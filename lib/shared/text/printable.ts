/**
 * Control characters, characters that change the direction of text (U+202E), and line ends other than a line
 * feed.
 */
const INVISIBLE = String.raw`[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]`;

/**
 * The first character of what a CI system takes for a command in the log of a job: `##[…]` of GitHub, `##vso[…]` of Azure Pipelines,
 * `##teamcity[…]`. GitHub and Azure Pipelines obey it anywhere in a line (ActionCommand.cs of actions/runner).
 */
const BRACKET_COMMAND = String.raw`#(?=#\w*\[)`;

/**
 * The same of `::…::`, which GitHub obeys where a line begins with it, after white space. Tables break lines at white space. What
 * looks like an IPv6 address stays.
 */
const COLON_COMMAND = String.raw`(?<!\S):(?=:(?![0-9a-fA-F:.]*(?![\w.:-])))`;

const HARMFUL = new RegExp([INVISIBLE, BRACKET_COMMAND, COLON_COMMAND].join("|"), "gu");
const KEPT_IN_TEXT: readonly string[] = ["\n", "\t"];

/**
 * Makes text from outside safe to show on a terminal, and in the log of a CI job. Characters that a terminal interprets, or that
 * disguise the text, and those with which a command for the CI system begins, are written as escapes: `\u001b`. Line feeds and tabs
 * are kept.
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
