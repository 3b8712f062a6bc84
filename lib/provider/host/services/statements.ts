import type { ServiceSettings } from "../desired/host-settings";
import { NameBlocks, parseNameBlocks } from "./name-blocks";

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
