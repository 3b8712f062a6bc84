import { printableLine } from "../text/printable";
import { isRfc3339 } from "../time/rfc3339";

/** What a job has done about one of its subjects, such as a certificate. */
export interface JobRow {
  readonly name: string;
  readonly status: RowStatus;
  /** When the certificate expires, RFC 3339; null without a certificate. */
  readonly notAfter: string | null;
  /** The SHA-256 fingerprint of the certificate: lower-case hex. Null without a certificate. */
  readonly fingerprint: string | null;
  /** Why it failed, or what is pending; may be empty. */
  readonly message: string;
}

export type RowStatus = "ok" | "failed" | "pending";

/** The result file of a job. */
export interface JobResult {
  /** In the order of the file; each name once. */
  readonly rows: readonly JobRow[];
  readonly exitStatus: number;
  /** When the run that wrote it finished, RFC 3339, by the clock of the host. */
  readonly finishedAt: string;
}

/** An error: a text is not the result of a job. The message says why, and quotes no more than a line of it. */
export class JobResultUnreadable extends Error {
  override readonly name = "JobResultUnreadable";
}

/** The first line of a result: the name of the format, and its version. */
const HEADING = "mail-sni-job-result\t1";
const MOST_ROWS = 20_000;
const LONGEST_NAME = 255;
const LONGEST_MESSAGE = 1000;
const NONE = "-";

/**
 * Parses a result file: a heading, a line for each row, and the end.
 *
 *     mail-sni-job-result 1
 *     row NAME ok|failed|pending NOT_AFTER|- FINGERPRINT|- MESSAGE
 *     end EXIT_STATUS FINISHED_AT
 *
 * Fields are separated by tabs. A text without its end was cut off.
 *
 * @throws {JobResultUnreadable}
 */
export function parseJobResult(text: string): JobResult {
  const lines = text.split("\n", MOST_ROWS + 4);
  if (lines[0] !== HEADING) throw unreadable(1, `${shown(lines[0] ?? "")} is not the heading of version 1`);
  const end = lines.findIndex((line) => line.startsWith("end\t"));
  if (end < 0) {
    const isLong = lines.length > MOST_ROWS + 3;
    throw new JobResultUnreadable(
      isLong ? `it has more than ${MOST_ROWS} lines` : "its last line is missing: it was cut off",
    );
  }
  if (lines.length !== end + 2 || lines[end + 1] !== "")
    throw unreadable(end + 2, "nothing may follow the end");
  const rows = lines.slice(1, end).map((line, index) => parseRow(line, index + 2));
  const names = new Set<string>();
  for (const { name } of rows) {
    if (names.has(name)) throw new JobResultUnreadable(`it has two rows for ${shown(name)}`);
    names.add(name);
  }
  return { rows, ...parseEnd(lines[end] ?? "", end + 1) };
}

function parseRow(line: string, number: number): JobRow {
  const [verb, name = "", status = "", notAfter = "", fingerprint = "", ...message] = line.split("\t");
  if (verb !== "row") throw unreadable(number, `${shown(line)} does not begin with "row"`);
  if (name === "" || name.length > LONGEST_NAME || printableLine(name) !== name)
    throw unreadable(number, `${shown(name)} is not a name of up to ${LONGEST_NAME} printable characters`);
  if (!isRowStatus(status)) throw unreadable(number, `${shown(status)} is not ok, failed or pending`);
  if (notAfter !== NONE && !isRfc3339(notAfter))
    throw unreadable(number, `${shown(notAfter)} is not a time such as 2026-01-31T12:00:00Z`);
  if (fingerprint !== NONE && !/^[0-9a-f]{64}$/.test(fingerprint))
    throw unreadable(number, `${shown(fingerprint)} is not a fingerprint of 64 hexadecimal digits`);
  return {
    name,
    status,
    notAfter: notAfter === NONE ? null : notAfter,
    fingerprint: fingerprint === NONE ? null : fingerprint,
    message: printableLine(message.join(" ")).slice(0, LONGEST_MESSAGE),
  };
}

function parseEnd(line: string, number: number): Pick<JobResult, "exitStatus" | "finishedAt"> {
  const [, status = "", finishedAt = "", ...others] = line.split("\t");
  if (!/^\d{1,3}$/.test(status) || !isRfc3339(finishedAt) || others.length > 0)
    throw unreadable(number, `${shown(line)} is not the end, with an exit status and a time`);
  return { exitStatus: Number(status), finishedAt };
}

function isRowStatus(text: string): text is RowStatus {
  return text === "ok" || text === "failed" || text === "pending";
}

function unreadable(line: number, problem: string): JobResultUnreadable {
  return new JobResultUnreadable(`line ${line}: ${problem}`);
}

/** The text as JSON, shortened and on one line. */
function shown(text: string): string {
  return JSON.stringify(printableLine(text.length > 60 ? `${text.slice(0, 60)}…` : text));
}
