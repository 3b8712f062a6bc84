import { printableLine } from "../../../shared/text/printable";

/**
 * A string literal of TypeScript: the only place in which a text from a host becomes part of the program. JSON's escapes are
 * TypeScript's; line separators and characters that change the direction of text are escaped, too.
 */
export function literal(text: string): string {
  return printableLine(JSON.stringify(text));
}

/** A comment of one line, which no text can end: line breaks are escaped. */
export function comment(text: string): string {
  return `// ${printableLine(text)}`;
}

/** A list of arguments for a line that begins with so many characters: one on a line if they do not fit. */
export function argumentLines(start: string, args: readonly string[], end: string, indent: string): string[] {
  const line = `${indent}${start}${args.join(", ")}${end}`;
  if (line.length <= LINE_WIDTH) return [line];
  return [`${indent}${start}`, ...args.map((arg) => `${indent}  ${arg},`), `${indent}${end}`];
}

const LINE_WIDTH = 120;
