import type { ArrivalBlock, VersionBlock } from "../provider-block/blocks";
import { patternLines } from "./pattern-lines";

/** The exit status of a command that does not exist. */
export const COMMAND_NOT_FOUND = 127;

/** In characters: the part of a version that a summary shows. */
const LONGEST_VERSION = 40;

/** The installed version, if it is not the one that files are written for. */
export function otherVersion({ pattern, expected }: VersionBlock, output: string): string | undefined {
  const [first] = patternLines(output, pattern)?.values() ?? [];
  return first === undefined || first === "" || first === expected
    ? undefined
    : first.slice(0, LONGEST_VERSION);
}

/**
 * Whether a configuration shows that the files of the resource `base` are read; undefined if it cannot be
 * determined.
 */
export function showsArrival({ pattern }: ArrivalBlock, listing: string): boolean | undefined {
  const lines = patternLines(listing, pattern);
  return lines && lines.size > 0;
}
