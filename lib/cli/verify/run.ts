import { printableLine } from "../../shared/printable";
import type { Presentation } from "../../shared/tls/presentation";
import { answers } from "../../shared/tls/schedule";
import { Transports } from "../../shared/transport/ssh/transports";
import type { Terminal } from "../output/terminal";
import { askWith, machineOf } from "./asking/probe";
import { judged, Summary } from "./judgement/summary";
import type { TrustStore } from "./judgement/trust";
import { openSslCommand } from "./questions/openssl-command";
import type { Question } from "./questions/question";
import type { Report } from "./reports/report";
import { downloadWithin } from "./revocation/download";
import { Revocation } from "./revocation/revocation";

/** Where a report goes. */
export interface Destination {
  readonly report: Report;
  readonly write: (text: string) => void;
}

export interface RunOptions {
  readonly questions: Iterable<Question>;
  readonly trust: TrustStore;
  readonly at: Date;
  /** Whether the lists of revoked certificates are asked, which the certificates' CAs publish. */
  readonly isRevocationAsked: boolean;
  /** How many connections are open to one address at a time. */
  readonly connections: number;
  /** For one handshake. */
  readonly deadlineMs: number;
  readonly destinations: readonly Destination[];
  readonly progress: Progress;
}

/** Asks, judges, reports. Results are written as they come. */
export async function runVerify(options: RunOptions): Promise<Summary> {
  const { questions, trust, at, connections, deadlineMs, destinations, progress } = options;
  const lists = new Revocation({ download: downloadWithin(deadlineMs), trust, at });
  const summary = new Summary();
  const toAll = (make: (report: Report) => string) => {
    for (const { report, write } of destinations) {
      const text = make(report);
      if (text === "") continue;
      progress.clear();
      write(text);
    }
  };
  toAll((report) => report.begin());
  const transports = new Transports();
  const answered = answers(questions, { ask: askWith(transports, deadlineMs), connections, machineOf });
  const revocation = options.isRevocationAsked && {
    revocation: (sent: Presentation["certificates"]) => lists.findings(sent),
  };
  try {
    for await (const result of judged(answered, { trust, at, ...revocation })) {
      summary.add(result);
      toAll((report) => report.add(result));
      progress.show(`${summary.handshakes} handshakes`);
    }
  } finally {
    await transports.close();
  }
  toAll((report) => report.end(summary));
  progress.clear();
  return summary;
}

/** One line on a terminal, which the next replaces. */
export class Progress {
  #isShown = false;
  #last = 0;

  constructor(
    private readonly terminal: Terminal,
    private readonly write: (text: string) => void,
  ) {}

  show(text: string): void {
    const now = performance.now();
    if (!this.terminal.hasProgress || now - this.#last < 100) return;
    this.#last = now;
    this.#isShown = true;
    this.write(`\r\u001b[K${text}`);
  }

  clear(): void {
    if (this.#isShown) this.write("\r\u001b[K");
    this.#isShown = false;
  }
}

/** The lines of `--show-commands`. */
export function* shownCommands(questions: Iterable<Question>): Generator<string> {
  for (const question of questions) {
    const command = openSslCommand(question);
    if (command !== null) yield `${printableLine(command)}\n`;
  }
}
