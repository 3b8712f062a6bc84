import type { SniTableDocument } from "../../shared/sni-table/document";
import { MOST_TABLE_CHARACTERS, parseSniTable } from "../../shared/sni-table/parse";
import { SniTableError } from "../../shared/sni-table/sni-table-error";
import { CliError } from "../errors/cli-error";
import { boundedText } from "./text-file";

/**
 * Reads `sni-table.json`.
 *
 * @throws CliError `CLI_TABLE_MISSING`, `CLI_TABLE_INVALID`
 */
export function readTable(path: string): SniTableDocument {
  try {
    return parseSniTable(textOf(path));
  } catch (error) {
    if (!(error instanceof SniTableError)) throw error;
    throw new CliError(
      "CLI_TABLE_INVALID",
      `${path} is not a table that this release can read: ${error.message}`,
      "Run cdktf synth, which writes it again.",
    );
  }
}

function textOf(path: string): string {
  try {
    return boundedText(path, MOST_TABLE_CHARACTERS);
  } catch (error) {
    throw new CliError(
      "CLI_TABLE_MISSING",
      `The table of who is served what cannot be read: ${(error as Error).message}.`,
      "Run this where cdktf synth has written sni-table.json, give the file with --table FILE, or give names to ask for: mail-sni verify NAME --connect ADDRESS.",
    );
  }
}
