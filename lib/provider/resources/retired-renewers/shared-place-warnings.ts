import type { Host } from "../../host/host";
import type { SharedPlace } from "../../host/renewers/shared-places";
import { RENEWER } from "../../messages/renewers";
import type { Diagnostics } from "../../protocol/diagnostics";

/** Warns of what runs a client that is to be off, and has to go on for another one. */
export function warnOfShared(
  places: readonly SharedPlace[],
  { settings }: Host,
  when: "plan" | "apply",
  diagnostics: Diagnostics,
): void {
  for (const { where, program, other, isOff } of places)
    diagnostics.warning(
      RENEWER.shared(settings.name),
      `${where}: ${effectOf(isOff, when)} It runs ${program}, and ${other} as well, whose certificates would expire. Have ` +
        `something else run ${other}, or switch ${other} off too (programs).`,
    );
}

function effectOf(isOff: boolean, when: "plan" | "apply"): string {
  if (when === "plan") return isOff ? "The apply switches it on again." : "The apply leaves it on.";
  return isOff ? "It runs again." : "It was not switched off.";
}
