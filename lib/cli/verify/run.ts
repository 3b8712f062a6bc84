import { printableLine } from "../../shared/text/printable";
import type { Presentation } from "../../shared/tls/presentation";
import { answers } from "../../shared/tls/schedule";
import type { Transports } from "../../shared/transport/ssh/transports";
import { listOf, plainLine } from "../output/line";
import type { Progress } from "../output/progress";
import { askWith, machineOf } from "./asking/probe";
import type { TrustStore } from "./chain/trust-store";
import { titleOf } from "./judgement/judgement";
import { judged, Summary } from "./judgement/summary";
import { openSslCommand } from "./questions/openssl-command";
import type { Question } from "./questions/question";
import type { Report } from "./reports/report";
import type { KeptDownloads } from "./revocation/kept-downloads";
import { Revocation } from "./revocation/revocation";

/** A report and its output. */
export interface Destination {
  readonly report: Report;
  /** Resolves when more may be written. */
  readonly write: (text: string) => Promise<void> | void;
}

export interface RunOptions {
  readonly questions: Iterable<Question>;
  /** The connections to hosts that ask themselves. The caller closes them. */
  readonly transports: Transports;
  readonly trust: TrustStore;
  readonly at: Date;
  /** The lists of revoked certificates, which the certificates' CAs publish; null asks for none. */
  readonly lists: KeptDownloads | null;
  /** The maximum number of open connections to one machine. */
  readonly connections: number;
  /** The time for one handshake, in milliseconds. */
  readonly deadlineMs: number;
  readonly destinations: readonly Destination[];
  readonly progress: Progress;
}

/**
 * Makes the handshakes, checks the certificates, and writes each result as soon as it is known. While a destination takes
 * nothing, no further handshake begins.
 */
export async function runVerify(options: RunOptions): Promise<Summary> {
  const { questions, transports, trust, at, lists, connections, deadlineMs, destinations, progress } =
    options;
  const revocation = lists === null ? null : new Revocation({ ...lists, trust, at });
  const summary = new Summary();
  const toAll = async (make: (report: Report) => string) => {
    for (const { report, write } of destinations) {
      const text = make(report);
      if (text === "") continue;
      progress.clear();
      await write(text);
    }
  };
  await toAll((report) => report.begin());
  const answered = answers(questions, { ask: askWith(transports, deadlineMs), connections, machineOf });
  const more = revocation !== null && {
    revocation: (sent: Presentation["certificates"]) => revocation.findings(sent),
  };
  for await (const result of judged(answered, { trust, at, ...more })) {
    summary.add(result);
    await toAll((report) => report.add(result));
    progress.show(`${summary.handshakes} handshakes`);
  }
  await toAll((report) => report.end(summary));
  progress.clear();
  return summary;
}

/**
 * The lines that `--show-commands` prints.
 *
 * @param complain is told which names have no address
 */
export function* shownCommands(
  questions: Iterable<Question>,
  complain: (message: string) => void,
): Generator<string> {
  const without = new Set<string>();
  for (const question of questions) {
    const command = openSslCommand(question);
    if (command === null) without.add(titleOf(question));
    else yield `${printableLine(command)}\n`;
  }
  if (without.size > 0)
    complain(`No address was found for ${plainLine(listOf([...without]))}. Give one with --connect.`);
}
