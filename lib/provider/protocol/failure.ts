import { log } from "../../shared/log";
import type { Violation } from "./consistency";
import type { Diagnostics } from "./diagnostics";
import type { AttributePath } from "./schema/attribute-path";
import { formatPath } from "./schema/attribute-path";
import { ValueError } from "./values/conform";

/** Reports what an operation threw. */
export function reportFailure(error: unknown, operation: string, diagnostics: Diagnostics): void {
  const reason = error instanceof Error ? error.message : String(error);
  log("error", `${operation} failed`, { error: error instanceof Error ? error.stack : reason });
  if (error instanceof ValueError) {
    diagnostics.error(
      `${operation} failed: a value does not fit its schema`,
      `${reason}. ${FAULT}`,
      error.path,
    );
  } else {
    diagnostics.error(`${operation} failed`, reason || "No reason was given.");
  }
}

/** Reports what the provider itself did wrong, by a plan or result that the engine would refuse. */
export function reportViolations(
  what: string,
  violations: readonly Violation[],
  diagnostics: Diagnostics,
): void {
  for (const { path, problem } of violations)
    reportFault(what, `${formatPath(path)} ${problem}.`, diagnostics, path);
}

export function reportFault(
  what: string,
  problem: string,
  diagnostics: Diagnostics,
  path?: AttributePath,
): void {
  log("error", what, { problem });
  diagnostics.error(what, `${problem} ${FAULT}`, path);
}

const FAULT = "This is a fault of the provider, not of your configuration: please report it.";
