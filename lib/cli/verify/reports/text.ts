import { madeOnce } from "../../../shared/made-once";
import { printableLine } from "../../../shared/text/printable";
import { leafTitle } from "../../../shared/tls/leaf-wording";
import { listOf, plainLine } from "../../output/line";
import { plural } from "../../output/plural";
import { type Colour, coloured, type Terminal } from "../../output/terminal";
import type { Finding, Severity } from "../judgement/finding";
import { isAtUnusedPort, type Result, type Summary } from "../judgement/summary";
import type { Question } from "../questions/question";
import type { Report } from "./report";
import { endpointTitle, placeOf, sentencesOf, totalsOf } from "./wording";

export interface TextOptions {
  readonly terminal: Terminal;
  /** Whether each handshake has a line, however many have the same finding. */
  readonly isVerbose: boolean;
  /** Whether to show handshakes without findings too. @default `isVerbose` */
  readonly showsRight?: boolean;
}

const COLOURS: Readonly<Record<Severity, Colour>> = { error: "red", warning: "yellow", note: "grey" };
/** The width of the longest severity. */
const LABEL_WIDTH = 7;
/** How many handshakes with the same finding have a line each. */
const MOST_ALIKE = 10;

/** The handshakes with one finding. */
interface Alike {
  count: number;
  readonly finding: Finding;
  /** Of those without a line. */
  readonly hosts: Set<string>;
}

/** One line per finding, for people and logs. Of many handshakes with the same finding, the rest have one line. */
export class TextReport implements Report {
  /** By what the finding says. */
  readonly #alike = new Map<string, Alike>();
  /** The skipped questions, by place: each place gets one line, since the findings are the same. */
  readonly #notAsked = new Map<string, { count: number; readonly finding: Finding }>();
  /** The ports that are not in use, by place. One line says it of all handshakes there. */
  readonly #unused = new Set<string>();

  constructor(private readonly options: TextOptions) {}

  begin(): string {
    return "";
  }

  add(result: Result): string {
    const { question, outcome, findings } = result;
    if (isAtUnusedPort(result)) return this.#unusedPort(result);
    const place = placeOf(question);
    if (findings.length === 0) {
      if (!(this.options.showsRight ?? this.options.isVerbose)) return "";
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
    return findings.map((one) => (this.#hasLine(one, question) ? this.#line(one, place) : "")).join("");
  }

  /** The lines for what has had none since the last call: questions that were skipped, and findings like others. */
  rest(): string {
    const alike = [...this.#alike.values()]
      .filter(({ count }) => count > MOST_ALIKE)
      .map(({ count, finding, hosts }) =>
        this.#line(
          finding,
          `${plural(count - MOST_ALIKE, "more handshake")} at ${plainLine(listOf([...hosts].sort()))}`,
        ),
      );
    const skipped = [...this.#notAsked].map(([place, { count, finding }]) =>
      this.#line(finding, `${count} more at ${place}`),
    );
    this.#alike.clear();
    this.#notAsked.clear();
    this.#unused.clear();
    return [...alike, ...skipped].join("");
  }

  end(summary: Summary): string {
    return `${this.rest()}${totalsOf(summary)}\n`;
  }

  /** Counts the finding. */
  #hasLine(finding: Finding, { endpoint }: Question): boolean {
    if (this.options.isVerbose) return true;
    const alike = madeOnce(this.#alike, `${finding.severity} ${sentencesOf(finding)}`, () => ({
      count: 0,
      finding,
      hosts: new Set<string>(),
    }));
    alike.count += 1;
    if (alike.count <= MOST_ALIKE) return true;
    alike.hosts.add(endpoint.host);
    return false;
  }

  #unusedPort({ question, findings }: Result): string {
    const place = endpointTitle(question);
    if (this.#unused.has(place)) return "";
    this.#unused.add(place);
    return findings.map((one) => this.#line(one, place)).join("");
  }

  #line(finding: Finding, place: string): string {
    const { severity } = finding;
    return `${this.#label(severity, COLOURS[severity])} ${place}: ${sentencesOf(finding)}\n`;
  }

  #label(word: string, colour: Colour): string {
    return coloured(word.padEnd(LABEL_WIDTH), colour, this.options.terminal);
  }
}
