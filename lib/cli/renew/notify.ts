import { spawn } from "node:child_process";
import { printableLine } from "../../shared/printable";
import { killGroup } from "../process/kill-group";

const DEADLINE_MS = 60_000;
const MOST_COMPLAINT_CHARACTERS = 1000;
/** A notifier has no use for the passphrases of keys. */
const SECRET = /^MAIL_SNI_.*PASSPHRASE/;

export interface NotifyOptions {
  /** For `/bin/sh -c`, as the administrator wrote it. */
  readonly command: string;
  /** Is written to the command's standard input. */
  readonly report: string;
  readonly exitCode: number;
  readonly environment: NodeJS.ProcessEnv;
  /** @default 60000 */
  readonly deadlineMs?: number;
}

/**
 * Runs a command with the report on its standard input. The environment variable `MAIL_SNI_EXIT_STATUS` says how `renew` ends.
 *
 * @returns what went wrong; null if it succeeded
 */
export function notify(options: NotifyOptions): Promise<string | null> {
  const { command, report, exitCode, environment, deadlineMs = DEADLINE_MS } = options;
  const passed = Object.entries(environment).filter(([name]) => !SECRET.test(name));
  return new Promise((done) => {
    const child = spawn("/bin/sh", ["-c", command], {
      env: { ...Object.fromEntries(passed), MAIL_SNI_EXIT_STATUS: String(exitCode) },
      stdio: ["pipe", "pipe", "pipe"],
      // A group of its own, so that all of it can be ended.
      detached: true,
    });
    let complaint = "";
    const end = (problem: string | null) => {
      clearTimeout(timer);
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
      done(problem === null ? null : said(problem, complaint));
    };
    const timer = setTimeout(() => {
      killGroup(child.pid);
      end(`did not end within ${deadlineMs / 1000} seconds`);
    }, deadlineMs);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        complaint = (complaint + text).slice(-MOST_COMPLAINT_CHARACTERS);
      });
    }
    // It may end without reading the report.
    child.stdin.on("error", () => {});
    child.stdin.end(report);
    child.once("error", (error) => end(`cannot be run: ${error.message}`));
    child.once("exit", (status, signal) => {
      // Its children may keep the pipes open.
      if (status === 0) end(null);
      else
        setImmediate(() => end(status === null ? `was ended by ${signal}` : `ended with status ${status}`));
    });
  });
}

function said(problem: string, complaint: string): string {
  const last = complaint.trim().split("\n").at(-1) ?? "";
  return last === "" ? problem : `${problem}: ${printableLine(last)}`;
}
