import type { ServiceSettings } from "../desired/host-settings";
import { NameBlocks, parseNameBlocks } from "./name-blocks";
import { patternLines } from "./pattern-lines";

/** In characters: the part of a version that a summary shows. */
const LONGEST_VERSION = 40;

/** The installed version, if it is not the one that files are written for. */
export function otherVersion(
  { pattern, expected }: NonNullable<ServiceSettings["version"]>,
  output: string,
): string | undefined {
  const [first] = patternLines(output, pattern)?.values() ?? [];
  return first === undefined || first === "" || first === expected
    ? undefined
    : first.slice(0, LONGEST_VERSION);
}

/**
 * Whether a configuration shows that the files of the resource `base` are read; undefined if it cannot be
 * determined.
 */
export function showsArrival(
  { pattern }: NonNullable<ServiceSettings["arrival"]>,
  listing: string,
): boolean | undefined {
  const lines = patternLines(listing, pattern);
  return lines && lines.size > 0;
}

/** The blocks for names in a configuration. */
export function listedBlocks(
  { pattern, winner }: NonNullable<ServiceSettings["name_blocks"]>,
  listing: string,
): NameBlocks {
  return new NameBlocks(parseNameBlocks(listing, pattern), winner);
}

/** The file that a service prints, without the `<` of Dovecot 2.3. */
export function printedFile(output: string): string {
  return output.trim().replace(/^</, "");
}
