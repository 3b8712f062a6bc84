import type { Result, Summary } from "../judgement/summary";

/** Makes text of results as they come. What it returns is to be written, piece by piece. */
export interface Report {
  begin(): string;
  add(result: Result): string;
  end(summary: Summary): string;
}
