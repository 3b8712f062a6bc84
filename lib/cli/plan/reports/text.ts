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
    `${coloured(`Risk: ${risk}`, COLOURS[risk], terminal)}. ${adviceOf(risk)}`,
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
  const lines = all.map((row) => `  ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  ")}`);
  return [title, ...notes, ...lines.map((line) => line.trimEnd()), ...leftOut(rows.length - cells.length)];
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
