import { log } from "../../shared/log";
import type { Summary } from "../../shared/summary";
import type { Violation } from "./consistency";
import type { Diagnostics } from "./diagnostics";
import { PROTOCOL } from "./messages";
import type { AttributePath } from "./schema/attribute-path";
import { formatPath } from "./schema/attribute-path";
import { ValueError } from "./values/conform";

/** Reports what an operation threw. */
export function reportFailure(error: unknown, operation: string, diagnostics: Diagnostics): void {
  const reason = error instanceof Error ? error.message : String(error);
  log("error", `${operation} failed`, { error: error instanceof Error ? error.stack : reason });
  if (error instanceof ValueError) {
    diagnostics.error(PROTOCOL.valueDoesNotFit(operation), `${reason}. ${FAULT}`, error.path);
  } else {
    diagnostics.error(PROTOCOL.failed(operation), reason || "No reason was given.");
  }
}

/** Reports a fault of the provider: a plan or result that the engine would refuse. */
export function reportViolations(
  what: Summary,
  violations: readonly Violation[],
  diagnostics: Diagnostics,
): void {
  for (const { path, problem } of violations)
    reportFault(what, `${formatPath(path)} ${problem}.`, diagnostics, path);
}

export function reportFault(
  what: Summary,
  problem: string,
  diagnostics: Diagnostics,
  path?: AttributePath,
): void {
  log("error", what, { problem });
  diagnostics.error(what, `${problem} ${FAULT}`, path);
}

const FAULT = "This is a fault of the provider, not of your configuration: please report it.";
