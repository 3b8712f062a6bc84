/** A line of a file. */
export interface FileLine {
  readonly number: number;
  readonly text: string;
}

/** A file of which some lines were read. */
export interface ConfigurationFile {
  /** What the file belongs to: `dehydrated`, `certbot` … */
  readonly kind: string;
  readonly path: string;
  readonly lines: readonly FileLine[];
  /** The exit status of the command that printed the lines, if one has. */
  readonly status?: number;
}

/**
 * The files in what a script has printed, in their order.
 *
 * @param printed its lines; undefined if there was no answer
 * @param pathOf the path on the host of a path that was printed
 */
export function filesIn(
  printed: readonly string[] | undefined,
  pathOf: (path: string) => string,
): ConfigurationFile[] {
  const files: { kind: string; path: string; lines: FileLine[]; status?: number }[] = [];
  for (const line of printed ?? []) {
    const [tag, first = "", ...rest] = line.split("\t");
    if (tag === "F") files.push({ kind: first, path: pathOf(rest.join("\t")), lines: [] });
    else if (tag === "S") Object.assign(files.at(-1) ?? {}, { status: Number(first) });
    else if (tag === "L") files.at(-1)?.lines.push({ number: Number(first), text: rest.join("\t") });
  }
  return files;
}
