/** One line of the table. */
export interface Row {
  readonly measured: string;
  readonly ours: string;
  readonly compared?: string;
  /** Of ours to what it is compared with. */
  readonly ratio?: number;
  readonly target?: { readonly text: string; readonly met: boolean };
}

export function row(
  measured: string,
  { ours, theirs, ratio }: { readonly ours: number; readonly theirs: number; readonly ratio: number },
  what: string,
  atMost?: number,
): Row {
  return {
    measured,
    ours: seconds(ours),
    compared: `${seconds(theirs)} (${what})`,
    ratio,
    ...(atMost !== undefined && { target: { text: `at most ${atMost} times`, met: ratio <= atMost } }),
  };
}

export function table(rows: readonly Row[]): string {
  const cells = rows.map(({ measured, ours, compared = "", ratio, target }) => [
    measured,
    ours,
    compared,
    ratio === undefined ? "" : ratio.toFixed(2),
    target?.text ?? "",
    target === undefined ? "" : target.met ? "pass" : "**FAIL**",
  ]);
  return [["What", "Ours", "Compared with", "Ratio", "Target", ""], Array(6).fill("---"), ...cells]
    .map((line) => `| ${line.join(" | ")} |`)
    .join("\n");
}

/** From milliseconds. */
export function seconds(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 10e6 ? 2 : 0)} MB`;
}

export function kilobytes(bytes: number): string {
  return `${(bytes / 1e3).toFixed(2)} KB`;
}

export function count(number: number): string {
  return number.toLocaleString("en");
}
