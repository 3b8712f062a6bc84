import { EXIT } from "../../process/exit-code";
import type { Declaration } from "../findings/declarations";
import type { Finding } from "../findings/finding";

/** What an import has found. */
export interface ImportResult {
  /** The destination, or this machine. */
  readonly host: string;
  /** What is on the host, a phrase for each part. */
  readonly parts: readonly string[];
  /** Those that need a decision first. */
  readonly findings: readonly Finding[];
  readonly declared: readonly Declaration[];
  /** TypeScript; null if there is nothing to declare. */
  readonly program: string | null;
  readonly defaultDomain: string | null;
}

/** 1: something has to be decided before the first deploy. */
export function exitCodeOf({ findings }: ImportResult): number {
  return findings.some(({ state }) => state === "decision") ? EXIT.WRONG : EXIT.OK;
}
