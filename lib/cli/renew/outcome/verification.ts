import { EXIT } from "../../process/exit-code";

/** What the hosts of a stack serve after its run, or why they were not asked. */
export type Verification =
  | {
      readonly kind: "verified";
      /** One line for each finding. */
      readonly lines: readonly string[];
      /** One sentence. */
      readonly totals: string;
      /** Whether there was nothing to compare certificates with. */
      readonly isWithoutFacts: boolean;
      readonly exitCode: number;
    }
  | { readonly kind: "skipped"; readonly reason: string; readonly exitCode: number };

export function skipped(reason: string, exitCode: number = EXIT.OK): Verification {
  return { kind: "skipped", reason, exitCode };
}
