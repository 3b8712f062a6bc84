import { printableLine } from "../../../shared/printable";
import { leafTitle } from "../../../shared/tls/leaf-wording";
import { type Colour, coloured, type Terminal } from "../../output/terminal";
import type { Severity } from "../judgement/finding";
import type { Result, Summary } from "../judgement/summary";
import type { Report } from "./report";
import { placeOf, sentencesOf, totalsOf } from "./wording";

export interface TextOptions {
  readonly terminal: Terminal;
  /** Whether handshakes that are right are shown too. */
  readonly isVerbose: boolean;
}

const COLOURS: Readonly<Record<Severity, Colour>> = { error: "red", warning: "yellow", note: "grey" };
/** The width of the longest severity. */
const LABEL_WIDTH = 7;

/** One line per finding, for people and logs. */
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
      .map((one) => `${this.#label(one.severity, COLOURS[one.severity])} ${place}: ${sentencesOf(one)}\n`)
      .join("");
  }

  end(summary: Summary): string {
    return `${totalsOf(summary)}\n`;
  }

  #label(word: string, colour: Colour): string {
    return coloured(word.padEnd(LABEL_WIDTH), colour, this.options.terminal);
  }
}
