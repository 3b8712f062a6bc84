import { madeOnce } from "../../../shared/made-once";
import { printableLine } from "../../../shared/printable";
import { leafTitle } from "../../../shared/tls/leaf-wording";
import { type Colour, coloured, type Terminal } from "../../output/terminal";
import type { Finding, Severity } from "../judgement/finding";
import type { Result, Summary } from "../judgement/summary";
import type { Report } from "./report";
import { endpointTitle, placeOf, sentencesOf, totalsOf } from "./wording";

export interface TextOptions {
  readonly terminal: Terminal;
  /** Whether to show handshakes without findings too. */
  readonly isVerbose: boolean;
}

const COLOURS: Readonly<Record<Severity, Colour>> = { error: "red", warning: "yellow", note: "grey" };
/** The width of the longest severity. */
const LABEL_WIDTH = 7;

/** One line per finding, for people and logs. */
export class TextReport implements Report {
  /** The skipped questions, by place: each place gets one line, since the findings are the same. */
  readonly #notAsked = new Map<string, { count: number; readonly finding: Finding }>();

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
    if (outcome.kind === "not-asked" && findings[0] !== undefined) {
      madeOnce(this.#notAsked, endpointTitle(question), () => ({
        count: 0,
        finding: findings[0] as Finding,
      })).count += 1;
      return "";
    }
    return findings.map((one) => this.#line(one, place)).join("");
  }

  /** The lines for the questions that were skipped since the last call. */
  notAsked(): string {
    const lines = [...this.#notAsked].map(([place, { count, finding }]) =>
      this.#line(finding, `${count} more at ${place}`),
    );
    this.#notAsked.clear();
    return lines.join("");
  }

  end(summary: Summary): string {
    return `${this.notAsked()}${totalsOf(summary)}\n`;
  }

  #line(finding: Finding, place: string): string {
    const { severity } = finding;
    return `${this.#label(severity, COLOURS[severity])} ${place}: ${sentencesOf(finding)}\n`;
  }

  #label(word: string, colour: Colour): string {
    return coloured(word.padEnd(LABEL_WIDTH), colour, this.options.terminal);
  }
}
