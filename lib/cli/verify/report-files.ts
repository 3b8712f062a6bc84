import { CliError } from "../errors/cli-error";
import { ReportFile } from "../output/report-file";
import { HtmlReport } from "./reports/html/report";
import { JunitReport } from "./reports/junit";
import { OpenMetricsReport } from "./reports/open-metrics";
import type { Report } from "./reports/report";

/** The paths of reports, as commander has them. */
export interface ReportPaths {
  readonly junit?: string;
  readonly openMetrics?: string;
  readonly html?: string;
}

export interface ReportInFile {
  readonly report: Report;
  readonly file: ReportFile;
}

/**
 * The reports that are written to files.
 *
 * @param at when the run began
 * @throws CliError `CLI_FILE_UNWRITABLE`; `CLI_OPTION` if two reports would be in one file
 */
export function reportsInFiles({ junit, openMetrics, html }: ReportPaths, at: Date): ReportInFile[] {
  const reports = [
    inFile(junit, () => new JunitReport()),
    inFile(openMetrics, () => new OpenMetricsReport(at)),
    inFile(html, () => new HtmlReport(at)),
  ].flat();
  const targets = reports.map(({ file }) => file.target);
  const twice = targets.find((target, index) => targets.indexOf(target) !== index);
  if (twice === undefined) return reports;
  throw new CliError(
    "CLI_OPTION",
    `Two reports would be written to ${twice}.`,
    "Give each a file of its own.",
  );
}

function inFile(path: string | undefined, report: () => Report): ReportInFile[] {
  return path === undefined ? [] : [{ report: report(), file: ReportFile.at(path) }];
}
