import { printableLine } from "../../../shared/text/printable";
import { rfc3339 } from "../../../shared/time/rfc3339";
import { countOf, type Examined, exitCodeOf } from "../examination/examination";
import { FINDING_STATES, withoutRemedy } from "../examination/finding";

/** One JSON document; its schema is `doctor.schema.json` beside the program. */
export function jsonReport(results: readonly Examined[], at: Date): string {
  const document = {
    version: 1,
    at: rfc3339(at),
    findings: results.map(({ check, subject, finding }) => ({
      check,
      ...subject,
      state: finding.state,
      text: withoutRemedy(finding),
      remedy: "remedy" in finding ? finding.remedy : null,
    })),
    summary: {
      ...Object.fromEntries(FINDING_STATES.map((state) => [state, countOf(results, state)])),
      exitCode: exitCodeOf(results),
    },
  };
  // Control characters are escaped as JSON, so that the values do not change.
  return `${printableLine(JSON.stringify(document))}\n`;
}
