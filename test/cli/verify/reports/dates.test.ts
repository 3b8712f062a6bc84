import { X509Certificate } from "node:crypto";
import Ajv2020 from "ajv/dist/2020";
import { beforeAll, describe, expect, it } from "vitest";
import { type Result, Summary } from "../../../../lib/cli/verify/judgement/summary";
import { HtmlReport } from "../../../../lib/cli/verify/reports/html/report";
import { JsonReport } from "../../../../lib/cli/verify/reports/json";
import { VERIFY_SCHEMA } from "../../../../lib/cli/verify/reports/json-schema";
import { OpenMetricsReport } from "../../../../lib/cli/verify/reports/open-metrics";
import type { Report } from "../../../../lib/cli/verify/reports/report";
import { issue, withoutDate } from "../../../support/certificates";
import { question } from "../support/questions";

const AT = new Date("2026-11-28T10:00:00.123Z");
/** As in the other reports. */
const TO_THE_SECOND = expect.stringMatching(/T\d\d:\d\d:\d\dZ$/);

describe("a certificate in which a date is invalid", () => {
  let results: Result[];

  beforeAll(async () => {
    const issued = await issue({ dnsNames: ["imap.domain1.tld"] });
    results = (["notBefore", "notAfter"] as const).map((end) => {
      const leaf = new X509Certificate(withoutDate(issued, end));
      const presentation = { version: "TLSv1.3", certificates: [leaf] } as const;
      return { question: question(), outcome: { kind: "presented", presentation }, findings: [] };
    });
  });

  function reported(report: Report): string {
    const summary = new Summary();
    const pieces = results.map((result) => {
      summary.add(result);
      return report.add(result);
    });
    return [report.begin(), ...pieces, report.end(summary)].join("");
  }

  it("THEN the JSON report has null in its place, and follows the schema", () => {
    const document = JSON.parse(reported(new JsonReport(AT)));
    const validate = new Ajv2020({ allowUnionTypes: true, validateFormats: false }).compile(VERIFY_SCHEMA);
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    expect(document.at).toBe("2026-11-28T10:00:00Z");
    const [early, late] = document.results.map(({ presented }: { presented: object }) => presented);
    expect(early).toMatchObject({ notBefore: null, notAfter: TO_THE_SECOND });
    expect(late).toMatchObject({ notBefore: TO_THE_SECOND, notAfter: null });
  });

  it("THEN the metrics have no time for it, and the page no days", () => {
    expect(reported(new OpenMetricsReport(AT)).match(/^mail_sni_served_not_after_seconds\{/gm)).toHaveLength(
      1,
    );
    expect(reported(new HtmlReport(AT))).toContain("<td></td>");
  });
});
