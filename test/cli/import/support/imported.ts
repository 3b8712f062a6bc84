import Ajv2020 from "ajv/dist/2020";
import { IMPORT_SCHEMA } from "../../../../lib/cli/import/reports/json-schema";
import type { Program } from "../../../docs/support/programs";
import { ran } from "../../support/ran";

/** What `mail-sni import --json` has written. */
export interface Imported {
  readonly exitCode: number;
  readonly found: readonly string[];
  readonly findings: readonly ImportedFinding[];
  readonly domains: readonly { readonly domain: string; readonly names: readonly string[] }[];
  readonly defaultDomain: string | null;
  readonly stack: string;
}

export interface ImportedFinding {
  readonly code: string;
  readonly state: string;
  readonly problem: string;
  readonly remedy: string;
  readonly names: readonly string[];
  readonly places: readonly string[];
}

const validate = new Ajv2020({ strict: false, formats: { "date-time": true } }).compile(IMPORT_SCHEMA);

/** Runs the command, and holds its output against the published schema. */
export async function imported(args: readonly string[]): Promise<Imported> {
  const { exitCode, out, err } = await ran(["import", "--json", ...args]);
  if (exitCode > 1) throw new Error(err);
  const document: unknown = JSON.parse(out);
  if (!validate(document)) throw new Error(JSON.stringify(validate.errors));
  return { ...(document as Omit<Imported, "exitCode">), exitCode };
}

export function codesOf({ findings }: Imported): string[] {
  return [...new Set(findings.map(({ code }) => code))].sort();
}

/** The findings of a code that are about a name or a place. */
export function about({ findings }: Imported, code: string, subject: string): ImportedFinding[] {
  return findings.filter(
    (finding) =>
      finding.code === code &&
      (finding.names.includes(subject) || finding.places.some((place) => place.includes(subject))),
  );
}

/** The printed stack, to check its types and to run it. */
export function programOf(stack: string): Program {
  const block = { page: "stack", line: 1, heading: "", language: "ts", marks: [], code: stack };
  return { name: "stack:1", block, code: stack, firstLine: 1 };
}
