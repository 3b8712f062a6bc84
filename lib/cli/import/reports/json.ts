import { printableLine } from "../../../shared/text/printable";
import { rfc3339 } from "../../../shared/time/rfc3339";
import { FINDING_STATES } from "../findings/finding";
import { exitCodeOf, type ImportResult } from "./import-result";

/** One JSON document; its schema is `import.schema.json` beside the program. */
export function jsonReport(result: ImportResult, at: Date): string {
  const { host, parts, findings, declared, program, defaultDomain } = result;
  const document = {
    version: 1,
    at: rfc3339(at),
    host,
    found: parts,
    findings,
    domains: declared.map(({ domain, names, source, pair }) => ({ domain, names, source, ...pair })),
    defaultDomain,
    stack: program,
    summary: {
      ...Object.fromEntries(
        FINDING_STATES.map((state) => [state, findings.filter((each) => each.state === state).length]),
      ),
      exitCode: exitCodeOf(result),
    },
  };
  // Control characters are escaped as JSON, so that the values do not change.
  return `${printableLine(JSON.stringify(document))}\n`;
}
