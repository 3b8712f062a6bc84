import type { ServiceSettings } from "../desired/host-settings";
import { NameBlocks, parseNameBlocks } from "./name-blocks";
import { patternLines } from "./pattern-lines";

/** In characters: as much of what a host says its version is as a summary has room for. */
const LONGEST_VERSION = 40;

/** The version that is installed, where it is not the one that files are written for. */
export function otherVersion(
  { pattern, expected }: NonNullable<ServiceSettings["version"]>,
  output: string,
): string | undefined {
  const [first] = patternLines(output, pattern)?.values() ?? [];
  return first === undefined || first === "" || first === expected
    ? undefined
    : first.slice(0, LONGEST_VERSION);
}

/** Whether a configuration shows that the files are read which prepare the host; undefined where it cannot be told. */
export function showsArrival(
  { pattern }: NonNullable<ServiceSettings["arrival"]>,
  listing: string,
): boolean | undefined {
  const lines = patternLines(listing, pattern);
  return lines && lines.size > 0;
}

/** The blocks for names in a configuration. */
export function listedBlocks(
  { pattern, winner }: NonNullable<ServiceSettings["nameBlocks"]>,
  listing: string,
): NameBlocks {
  return new NameBlocks(parseNameBlocks(listing, pattern), winner);
}

/** The file that a service prints, with what Dovecot 2.3 has in front of one. */
export function printedFile(output: string): string {
  return output.trim().replace(/^</, "");
}
