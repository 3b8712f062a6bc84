import { printableLine } from "../../../shared/printable";
import { leafTitle } from "../../../shared/tls/leaf-wording";
import { type Colour, coloured, type Terminal } from "../../output/terminal";
import type { Severity } from "../judgement/finding";
import { titleOf } from "../judgement/judgement";
import type { Result, Summary } from "../judgement/summary";
import type { Question } from "../questions/question";
import type { Report } from "./report";

export interface TextOptions {
  readonly terminal: Terminal;
  /** Whether handshakes that are right are shown too. */
  readonly isVerbose: boolean;
}

const COLOURS: Readonly<Record<Severity, Colour>> = { error: "red", warning: "yellow", note: "grey" };
/** As wide as the longest severity. */
const LABEL_WIDTH = 7;

/** A line a finding, for people and for logs. */
export class TextReport implements Report {
  constructor(private readonly options: TextOptions) {}

  begin(): string {
    return "";
  }

  add({ question, outcome, findings }: Result): string {
    const place = placeOf(question);
    if (findings.length === 0) {
      if (!this.options.isVerbose) return "";
      const served =
        outcome.kind === "presented"
          ? `presents ${printableLine(leafTitle(outcome.presentation.certificates[0]))}`
          : "refuses it";
      return `${this.#label("ok", "green")} ${place}: ${served}.\n`;
    }
    return findings
      .map(
        ({ severity, code, problem, remedy }) =>
          `${this.#label(severity, COLOURS[severity])} ${place}: ${problem} ${remedy} [${code}]\n`,
      )
      .join("");
  }

  end({ handshakes, right, findings, exitCode }: Summary): string {
    const counts = `${findings.error} errors, ${findings.warning} warnings, ${findings.note} notes`;
    const state = exitCode === 2 ? "No server could be asked. " : "";
    return `${state}${right} of ${handshakes} handshakes are right; ${counts}.\n`;
  }

  #label(word: string, colour: Colour): string {
    return coloured(word.padEnd(LABEL_WIDTH), colour, this.options.terminal);
  }
}

/** Name, host and port, cleaned for every report. */
export function placeOf(question: Question): string {
  const { endpoint, address } = question;
  const { host, port, protocol } = endpoint;
  const at = address === null || address === host ? "" : ` (${address})`;
  return printableLine(`${titleOf(question)} at ${host}${at} port ${port} (${protocol})`);
}
