import type { Result, Summary } from "../../judgement/summary";
import type { Report } from "../report";
import { documentOf } from "./document";
import { type Row, rowOf } from "./row";

/** A web page in one file, errors first. It is written when all results are known. */
export class HtmlReport implements Report {
  readonly #rows: Row[] = [];
  readonly #groups = new Map<string, number>();

  constructor(private readonly at: Date) {}

  begin(): string {
    return "";
  }

  add(result: Result): string {
    this.#rows.push(rowOf(result, { index: this.#rows.length, groupOf: this.#groupOf, at: this.at }));
    return "";
  }

  end(summary: Summary): string {
    return documentOf({ rows: this.#rows, groupOf: this.#groupOf, summary, at: this.at });
  }

  readonly #groupOf = (domain: string): number => {
    const known = this.#groups.get(domain);
    if (known !== undefined) return known;
    this.#groups.set(domain, this.#groups.size);
    return this.#groups.size - 1;
  };
}
