import type { Diagnostics } from "./diagnostics";
import { VALUE } from "./messages";
import type { AttributePath } from "./schema/attribute-path";
import { isUnknown, type Plannable } from "./values/unknown";

/** Refuses a value that is not one of the choices. A value that is not set, or not known yet, passes. */
export function requireChoice(
  value: Plannable<string | null>,
  choices: readonly string[],
  path: AttributePath,
  diagnostics: Diagnostics,
): void {
  if (value === null || isUnknown(value) || choices.includes(value)) return;
  const allowed = choices.map((choice) => `"${choice}"`).join(", ");
  diagnostics.error(VALUE.notAllowed, `"${value}" is not allowed. Use one of ${allowed}.`, path);
}
