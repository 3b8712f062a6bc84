import { distinctFiles, ReportFile } from "../output/report-file";
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
  distinctFiles(reports.map(({ file }) => file));
  return reports;
}

function inFile(path: string | undefined, report: () => Report): ReportInFile[] {
  return path === undefined ? [] : [{ report: report(), file: ReportFile.at(path) }];
}
