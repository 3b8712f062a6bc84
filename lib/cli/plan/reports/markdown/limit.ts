import type { Block } from "./blocks";

/** A document of blocks with at most so many characters. */
export interface Fitted {
  readonly text: string;
  /** The number of rows that were left out. */
  readonly leftOut: number;
}

/**
 * Puts blocks together. If they are too long, rows are left out from the end of blocks, of the least important block first, and
 * each of these blocks says how many.
 */
export function fitted(blocks: readonly Block[], limit: number): Fitted {
  const kept = new Map(blocks.map((block) => [block, block.rows.length]));
  let length = blocks.reduce((sum, block) => sum + lengthOf(block, block.rows.length), 0);
  const expendable = [...blocks].sort((one, other) => one.importance - other.importance);
  for (const block of expendable) {
    if (length <= limit) break;
    const rest = length - lengthOf(block, block.rows.length);
    const rows = mostRows(block, limit - rest);
    kept.set(block, rows);
    length = rest + lengthOf(block, rows);
  }
  const texts = blocks.map((block) => textOf(block, kept.get(block) as number));
  const leftOut = blocks.reduce((sum, block) => sum + block.rows.length - (kept.get(block) as number), 0);
  return { text: texts.join(""), leftOut };
}

/** How many rows of a block fit into so many characters. */
function mostRows(block: Block, characters: number): number {
  let length = lengthOf(block, 0);
  let rows = 0;
  for (const row of block.rows) {
    length += row.length;
    if (length > characters) break;
    rows++;
  }
  return rows;
}

function lengthOf(block: Block, rows: number): number {
  return textOf(block, rows).length;
}

function textOf(block: Block, rows: number): string {
  const { head, tail } = block;
  return `${head}${block.rows.slice(0, rows).join("")}${leftOutNote(block, block.rows.length - rows)}${tail}`;
}

/** Behind a table there has to be an empty line, or the note is one of its rows. */
function leftOutNote({ title }: Block, rows: number): string {
  return rows === 0 ? "" : `\n*${title}: ${rows} more left out.*\n`;
}
