import { zip } from "../../../shared/grouping";
import { isRfc3339 } from "../../../shared/time/rfc3339";
import { pathProblem } from "../../../shared/transport/paths";
import { isStateId, type StateEntry } from "./states";

export type LedgerEntry =
  | readonly ["claim", stack: string, token: string, path: string]
  | readonly ["used", service: string, part: UsedPart, fate: UsedFate, row: string, path: string]
  | readonly ["release" | "passed", token: string, path: string]
  | readonly ["directory" | "removed" | "stage", path: string]
  | readonly ["placeholder", sha256: string, path: string]
  | readonly ["host", key: string]
  | readonly ["owe", service: string, activation: string, token: string]
  | readonly ["paid", activation: string]
  | readonly ["closed"]
  | StateEntry;

/** What a path is to the service that reads it: a PEM, configuration, or a link to a PEM. */
export const USED_PARTS = ["pem", "text", "link"] as const;
export type UsedPart = (typeof USED_PARTS)[number];

/** What becomes of a path when the resource is destroyed. */
export const USED_FATES = ["keep", "remove"] as const;
export type UsedFate = (typeof USED_FATES)[number];

/** The first line of a ledger: the name of the format, and its version. */
export const HEADING = ["mail-sni-ledger", "1"] as const;

/** A ledger, or a line of it, that this version cannot read. The message says which, and why. */
export class LedgerUnreadable extends Error {
  override readonly name = "LedgerUnreadable";
}

/** Returns what is wrong with a field; undefined if it is valid. */
type Field = (text: string) => string | undefined;

const path: Field = pathProblem;
const word = textOf(255);
/** A public key of 16,384 bits has about 2,800 characters. */
const key = textOf(10_000);

const stateId: Field = (text) => (isStateId(text) ? undefined : "it is not 16 hexadecimal digits");
const time: Field = (text) => (isRfc3339(text) ? undefined : "it is not a time such as 2026-01-31T12:00:00Z");

/** The fields of each kind of line, in order. */
const FIELDS: Readonly<Record<LedgerEntry[0] | (typeof HEADING)[0], readonly Field[]>> = {
  [HEADING[0]]: [word],
  claim: [word, word, path],
  used: [word, oneOf(USED_PARTS), oneOf(USED_FATES), word, path],
  passed: [word, path],
  release: [word, path],
  directory: [path],
  removed: [path],
  stage: [path],
  placeholder: [word, path],
  host: [key],
  owe: [word, word, word],
  paid: [word],
  closed: [],
  begun: [stateId, word, time, word],
  kept: [stateId, word, time, word],
  ended: [stateId, word],
  lost: [stateId],
  member: [stateId, word],
};

/** The first word of each kind of line: "The ledger" in docs/operations.md explains each. */
export const LEDGER_VERBS: readonly string[] = Object.keys(FIELDS);

/**
 * Parses one line. Returns undefined for a line that was cut off, and for a kind that a later version may
 * have added.
 *
 * @throws {LedgerUnreadable} if a complete line is invalid in every version. It may have been a claim, and
 *   skipping it could give one resource's file to another
 */
export function parseLine(line: string): LedgerEntry | typeof HEADING | undefined {
  const fields = line.split("\t");
  if (fields.length < 2 || fields.pop() !== ".") return undefined;
  const [verb = "", ...values] = fields;
  if (!/^[a-z][a-z-]{0,30}$/.test(verb))
    throw new LedgerUnreadable(`${shown(verb)} is not a word that a line can begin with`);
  if (verb === HEADING[0] && values[0] !== HEADING[1]) {
    throw new LedgerUnreadable(
      `it has version ${values[0]?.slice(0, 20)}, and this provider knows ${HEADING[1]}`,
    );
  }
  const expected = Object.hasOwn(FIELDS, verb) ? FIELDS[verb as keyof typeof FIELDS] : undefined;
  if (expected === undefined) return undefined;
  if (values.length !== expected.length) {
    throw new LedgerUnreadable(`\`${verb}\` has ${expected.length} fields, and ${values.length} are there`);
  }
  for (const [problemOf, value] of zip(expected, values)) {
    const problem = problemOf(value);
    if (problem !== undefined) throw new LedgerUnreadable(`\`${verb}\` with ${shown(value)}: ${problem}`);
  }
  return fields as unknown as LedgerEntry | typeof HEADING;
}

/** The entries as lines of the file. */
export function written(entries: readonly (LedgerEntry | typeof HEADING)[]): string {
  return entries.map((entry) => `${entry.join("\t")}\t.\n`).join("");
}

function oneOf(choices: readonly string[]): Field {
  return (text) => (choices.includes(text) ? undefined : `it is none of ${choices.join(", ")}`);
}

function textOf(mostCharacters: number): Field {
  return (text) => {
    if (text === "") return "it is empty";
    if (text.length > mostCharacters) return `it is longer than ${mostCharacters} characters`;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is control characters that are searched for
    return /[\x00-\x1f\x7f]/.test(text) ? "it holds a control character" : undefined;
  };
}

/** The text as JSON, shortened for a message. */
function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
