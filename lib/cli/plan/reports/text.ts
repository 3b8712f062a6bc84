import { plainLine } from "../../output/line";
import { type Colour, coloured, type Terminal } from "../../output/terminal";
import type { PlanChanges } from "../changes/plan-changes";
import type { Risk } from "../changes/risk";
import { adviceOf, reasonLine } from "./sections/headline";
import type { Row, Section } from "./sections/section";
import { sectionsOf } from "./sections/sections";

const COLOURS: Readonly<Record<Risk, Colour>> = {
  none: "green",
  routine: "green",
  additions: "grey",
  attention: "yellow",
  danger: "red",
};

/** How many rows of a part, and how many characters of a cell a terminal gets. */
const MOST_ROWS = 100;
const WIDEST_CELL = 60;

/** A report for a terminal: the risk and its reasons, then each part. */
export function textReport(changes: PlanChanges, terminal: Terminal): string {
  const { risk, reasons } = changes;
  const lines = [
    `${coloured(`Risk: ${risk}`, COLOURS[risk], terminal)}. ${adviceOf(changes)}`,
    ...shown(
      reasons.map((reason) => {
        const label = coloured(reason.risk.padEnd(9), COLOURS[reason.risk], terminal);
        return `  ${label}  ${plainLine(reasonLine(reason, changes))}`;
      }),
    ),
    ...sectionsOf(changes).flatMap((section) => ["", ...sectionLines(section)]),
  ];
  return `${lines.join("\n")}\n`;
}

function sectionLines({ title, columns, rows, note }: Section): string[] {
  const notes = note === null ? [] : [`  ${plainLine(note)}`];
  if (rows.length === 0) return [title, ...notes];
  const cells = rows.slice(0, MOST_ROWS).map(cellsOf);
  const all = [columns.map((column) => column.toUpperCase()), ...cells];
  const widths = columns.map((_, index) => widthOf(all, index));
  const lines = all.flatMap((row) => rowLines(row, widths));
  return [title, ...notes, ...lines.map((line) => line.trimEnd()), ...leftOut(rows.length - cells.length)];
}

/** One line, or several if a list in a cell is too long for its column. The last column may be as long as it is. */
function rowLines(row: readonly string[], widths: readonly number[]): string[] {
  const last = row.length - 1;
  const cells = row.map((cell, index) => (index < last ? listLines(cell) : [cell]));
  const height = Math.max(...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) => {
    const parts = cells.map((lines, index) => (lines[line] ?? "").padEnd(widths[index] ?? 0));
    return `  ${parts.join("  ")}`;
  });
}

/** A list with its items in lines of at most the widest cell. Each but the first is indented, so that no item looks like a row. */
function listLines(cell: string): string[] {
  if (cell.length <= WIDEST_CELL) return [cell];
  const [first = "", ...items] = cell.split(", ");
  const lines = [first];
  for (const item of items) {
    const line = lines.at(-1) as string;
    if (line.length + item.length + 3 <= WIDEST_CELL) lines[lines.length - 1] = `${line}, ${item}`;
    else lines.push(`  ${item}`);
  }
  return lines.map((line, index) => (index < lines.length - 1 ? `${line},` : line));
}

function cellsOf(row: Row): string[] {
  return row.map(plainLine);
}

/** One long cell must not push the others apart. */
function widthOf(rows: readonly (readonly string[])[], column: number): number {
  return rows.reduce((most, row) => Math.max(most, Math.min(WIDEST_CELL, row[column]?.length ?? 0)), 0);
}

function shown(lines: readonly string[]): string[] {
  return [...lines.slice(0, MOST_ROWS), ...leftOut(lines.length - MOST_ROWS)];
}

function leftOut(count: number): string[] {
  return count > 0 ? [`  … and ${count} more: --json has all.`] : [];
}
