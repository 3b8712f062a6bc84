import { printableLine } from "../../../../shared/text/printable";
import { truncated } from "../../../../shared/text/truncated";
import type { Line } from "../../../output/line";

const MOST_CHARACTERS = 1000;

/**
 * A line in Markdown, as GitHub and GitLab read it. A text from outside is a code span: in one, neither mentions, references,
 * links, images nor HTML are read. What could end the span, or the cell of a table, is written as an escape, as control characters
 * are.
 */
export function markdownLine(pieces: Line): string {
  return pieces.map((piece) => (typeof piece === "string" ? words(piece) : codeSpan(piece.outside))).join("");
}

/** The program's own words: a character that Markdown reads is taken as it is. */
function words(text: string): string {
  return printableLine(text).replace(/[\\`*_{}[\]<>#|@!~&$]/g, "\\$&");
}

function codeSpan(text: string): string {
  // A table splits its cells before anything else is read, inside of code too.
  const safe = printableLine(truncated(text, MOST_CHARACTERS)).replace(/[`|]/g, escaped);
  return safe.trim() === "" ? "(empty)" : `\`${safe}\``;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
