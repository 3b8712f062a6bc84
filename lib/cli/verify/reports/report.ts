import type { Result, Summary } from "../judgement/summary";

/** Renders results as they arrive. The caller writes the returned pieces in order. */
export interface Report {
  begin(): string;
  add(result: Result): string;
  end(summary: Summary): string;
}
