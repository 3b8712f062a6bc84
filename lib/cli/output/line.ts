import { printableLine } from "../../shared/text/printable";
import { plural } from "./plural";

/** A text from outside, such as a host name or a path. Each format cleans it, and marks it its own way. */
export interface Outside {
  readonly outside: string;
}

/** One line of a report: the program's own words, and texts from outside between them. */
export type Line = readonly (string | Outside)[];

/**
 * A template of a line. Texts are taken as from outside; numbers and other lines are words of the program.
 */
export function line(words: TemplateStringsArray, ...parts: readonly (string | number | Line)[]): Line {
  return [
    words[0] as string,
    ...parts.flatMap((part, index) => [...wordsOf(part), words[index + 1] as string]),
  ].filter((piece) => piece !== "");
}

function wordsOf(part: string | number | Line): Line {
  if (typeof part === "number") return [String(part)];
  return typeof part === "string" ? [{ outside: part }] : part;
}

/** A line of one word of the program. */
export function word(text: string): Line {
  return text === "" ? [] : [text];
}

/** A line without marks, safe for a terminal. */
export function plainLine(pieces: Line): string {
  return pieces.map((piece) => printableLine(typeof piece === "string" ? piece : piece.outside)).join("");
}

/** Lines with a separator between them. */
export function joined(lines: readonly Line[], separator = ", "): Line {
  return lines.flatMap((one, index) => (index === 0 ? one : [separator, ...one]));
}

/** Names in a row, the first of them if there are more than `most`. */
export function listOf(names: readonly string[], most = 10): Line {
  const shown = joined(names.slice(0, most).map((name) => line`${name}`));
  return names.length > most ? line`${shown} and ${names.length - most} more` : shown;
}

/** `New domains (2): a.tld, b.tld.` */
export function titledList(title: string, names: readonly string[]): Line {
  const count = names.length === 1 ? "" : ` (${names.length})`;
  return line`${word(`${title}${count}`)}: ${listOf(names)}.`;
}

/** A number with its noun, such as `2 names`. */
export function counted(count: number, noun: string): Line {
  return word(plural(count, noun));
}
