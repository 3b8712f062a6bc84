import { fingerprintOf } from "../../../shared/certificate-facts";
import { rfc3339 } from "../../../shared/time/rfc3339";
import type { Result, Summary } from "../judgement/summary";
import type { Report } from "../reports/report";
import { type TextOptions, TextReport } from "../reports/text";
import { placeOf, totalsOf } from "../reports/wording";

/** The text report of several runs: the first completely, then only the changes since the previous run. */
export class ChangesReport implements Report {
  readonly #whole: TextReport;
  readonly #changes: TextReport;
  #before: ReadonlyMap<string, string> | null = null;
  #now = new Map<string, string>();
  #changed = 0;
  #lines = "";

  /** @param now returns the time that is written with each change */
  constructor(
    options: TextOptions,
    private readonly now: () => Date,
  ) {
    this.#whole = new TextReport(options);
    // A finding that has disappeared is a change, too.
    this.#changes = new TextReport({ ...options, showsRight: true });
  }

  begin(): string {
    this.#now = new Map();
    this.#changed = 0;
    this.#lines = "";
    return "";
  }

  add(result: Result): string {
    const [place, state] = [placeOf(result.question), stateOf(result)];
    this.#now.set(place, state);
    if (this.#before === null) return this.#whole.add(result);
    if (this.#before.get(place) === state) return "";
    this.#changed += 1;
    this.#lines += this.#changes.add(result);
    return "";
  }

  end(summary: Summary): string {
    const isFirst = this.#before === null;
    this.#before = this.#now;
    if (isFirst) return this.#whole.end(summary);
    if (this.#changed === 0) return "";
    const title = `${rfc3339(this.now())}: ${this.#changed} of ${summary.handshakes} handshakes have changed.`;
    return `${title}\n${this.#lines}${this.#changes.rest()}${totalsOf(summary)}\n`;
  }
}

/** The served certificate and its findings, without text that changes over time, such as the days left. */
function stateOf({ outcome, findings }: Result): string {
  const served = outcome.kind === "presented" ? fingerprintOf(outcome.presentation.certificates[0]) : "";
  return [served, ...findings.map(({ code, severity }) => `${code} ${severity}`).sort()].join(", ");
}
