import { CONFIGURATION } from "../messages/configuration";
import type { Diagnostics } from "../protocol/diagnostics";
import type { AttributePath } from "../protocol/schema/attribute-path";

/** Refuses what no system passes to a program. @param command a program with its arguments, some of which may be unknown */
export function refuseNul(command: readonly unknown[], diagnostics: Diagnostics, at: AttributePath): void {
  if (!command.some((argument) => typeof argument === "string" && argument.includes("\0"))) return;
  diagnostics.error(
    CONFIGURATION.notText,
    "An argument of a program cannot hold a NUL character. Remove it.",
    at,
  );
}
