import { JsonError } from "../../shared/json/json-error";
import type { SniTableDocument } from "../../shared/sni-table/document";
import { MOST_TABLE_CHARACTERS, parseSniTable } from "../../shared/sni-table/parse";
import { CliError } from "../errors/cli-error";
import { unknownStack } from "./project";
import { neededText } from "./text-file";

/** What to do about a table that cannot be read, and about one that is no table. */
interface TableRemedies {
  readonly unreadable: string;
  readonly invalid: string;
}

/**
 * Reads `sni-table.json`.
 *
 * @param remedies @default those for the table of the project
 * @throws CliError `CLI_TABLE_MISSING`, `CLI_TABLE_INVALID`
 */
export function readTable(path: string, remedies: TableRemedies = OF_PROJECT): SniTableDocument {
  try {
    return parseSniTable(
      neededText(path, MOST_TABLE_CHARACTERS, (reason) => unreadable(reason, remedies.unreadable)),
    );
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new CliError(
      "CLI_TABLE_INVALID",
      `${path} is not a table that this release can read: ${error.message}`,
      remedies.invalid,
    );
  }
}

/** The stacks that have hosts in the table, in its order. */
export function stacksOf({ hosts }: SniTableDocument): readonly string[] {
  return [...new Set(hosts.map(({ stack }) => stack))];
}

/**
 * The table, reduced to the hosts of these stacks.
 *
 * @throws CliError `CLI_STACK_UNKNOWN`
 */
export function withStacks(table: SniTableDocument, stacks: readonly string[]): SniTableDocument {
  const known = stacksOf(table);
  const unknown = stacks.find((stack) => !known.includes(stack));
  if (unknown !== undefined) throw unknownStack(unknown, known);
  return { ...table, hosts: table.hosts.filter(({ stack }) => stacks.includes(stack)) };
}

/** The error if the context of `cdktf.json` disables the table. */
export function disabledTable(): CliError {
  return new CliError(
    "CLI_TABLE_MISSING",
    'cdktf.json disables sni-table.json: its context "mail-sni:table" is false.',
    "Give the table with --table FILE, or have cdktf synth write it.",
  );
}

const OF_PROJECT: TableRemedies = {
  unreadable:
    "Run this where cdktf synth has written sni-table.json, give the file with --table FILE, or give names to ask for: mail-sni verify NAME --connect ADDRESS.",
  invalid: "Run cdktf synth, which writes it again.",
};

function unreadable(reason: string, remedy: string): CliError {
  return new CliError(
    "CLI_TABLE_MISSING",
    `The table of who is served what cannot be read: ${reason}.`,
    remedy,
  );
}
