import type { Row, Section } from "../sections/section";
import { markdownLine } from "./escaped";

/** A part of the document, of which rows can be left out at the end. */
export interface Block {
  readonly head: string;
  readonly rows: readonly string[];
  /** What follows the rows. */
  readonly tail: string;
  readonly importance: number;
  /** The part's name, for what was left out. */
  readonly title: string;
}

/** A section as a table, which is folded if the section is. */
export function sectionBlock(section: Section): Block {
  const { title, rows, note, columns, importance, isFolded } = section;
  const heading = isFolded
    ? `\n<details><summary>${title}: ${rows.length} lines</summary>\n\n`
    : `\n### ${title}\n\n`;
  const notes = note === null ? "" : `${markdownLine(note)}\n`;
  const table = rows.length === 0 ? "" : `${tableRow(columns)}${tableRow(columns.map(() => "---"))}`;
  return {
    title,
    importance,
    head: `${heading}${notes}${table}`,
    rows: rows.map(rowOf),
    tail: isFolded ? "\n</details>\n" : "",
  };
}

function rowOf(row: Row): string {
  return tableRow(row.map(markdownLine));
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |\n`;
}
