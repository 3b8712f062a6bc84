import type { Line } from "../../../output/line";

/** A part of a report, in the form that text, Markdown and HTML have in common. */
export interface Section {
  readonly title: string;
  /** Names of the columns. */
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  /** What is shown instead of rows, or beside them. */
  readonly note: Line | null;
  /** Where a report must be cut, sections with a lower number lose rows first. */
  readonly importance: number;
  /** Whether a format that can fold parts shows this one folded. */
  readonly isFolded: boolean;
}

export type Row = readonly Line[];

/** How to name places: the stack belongs to them if there are several. */
export class Naming {
  readonly hasStacks: boolean;

  constructor(stacks: readonly string[]) {
    this.hasStacks = new Set(stacks).size > 1;
  }

  /** A domain, a host or an address, with its stack if there are several. */
  of(name: string, stack: string): string {
    return this.hasStacks ? `${name} (${stack})` : name;
  }
}
