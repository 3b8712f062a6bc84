import type { ServiceSettings } from "../desired/host-settings";
import { NameBlocks, parseNameBlocks } from "./name-blocks";

/** The blocks for names in a configuration. */
export function listedBlocks(
  { pattern, winner }: NonNullable<ServiceSettings["name_blocks"]>,
  listing: string,
): NameBlocks {
  return new NameBlocks(parseNameBlocks(listing, pattern), winner);
}

/** The number of characters that a message shows of a path from the host. */
const LONGEST_PATH = 300;

/** A certificate file that a service has printed, worded for a message. */
export function shownCertificate(file: string): string {
  return file === "" ? "no certificate" : `the certificate in ${file.slice(0, LONGEST_PATH)}`;
}

/** The file that a service prints, without the `<` of Dovecot 2.3. */
export function printedFile(output: string): string {
  return output.trim().replace(/^</, "");
}
