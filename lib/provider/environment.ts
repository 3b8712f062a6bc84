import { isAbsolute } from "node:path";
import { JOURNAL_VARIABLE, OFF } from "../shared/journal/place";
import { ON_UNREACHABLE, type OnUnreachable } from "../shared/provider-block/blocks";
import { TAKE_OVER_VARIABLE } from "./host/apply/other-state";
import { isStateId } from "./host/record/states";
import { CONFIGURATION } from "./messages/configuration";
import type { Diagnostics } from "./protocol/diagnostics";
import { VALUE } from "./protocol/messages";
import { SERVED_CHOICES, SERVED_VARIABLE } from "./resources/served-certificates";

export type Environment = Readonly<Record<string, string | undefined>>;

export const UNREACHABLE_VARIABLE = "MAIL_SNI_ON_UNREACHABLE";

const CHOICES: readonly (readonly [variable: string, choices: readonly string[]])[] = [
  [UNREACHABLE_VARIABLE, ON_UNREACHABLE],
  [SERVED_VARIABLE, SERVED_CHOICES],
];

/** @param configured `on_unreachable` of the host; undefined for hosts that are no longer declared */
export function onUnreachable(environment: Environment, configured?: OnUnreachable): OnUnreachable {
  return (environment[UNREACHABLE_VARIABLE] || configured) === "warn" ? "warn" : "fail";
}

/** Identities of lost states whose files this run takes over. */
export function takesOver(environment: Environment): Set<string> {
  return new Set((environment[TAKE_OVER_VARIABLE] ?? "").split(/[\s,]+/).filter(Boolean));
}

/** Refuses a value of the environment that is not allowed. */
export function validateEnvironment(environment: Environment, diagnostics: Diagnostics): void {
  for (const [variable, choices] of CHOICES) {
    const value = environment[variable];
    if (!value || choices.includes(value)) continue;
    const allowed = choices.map((choice) => `"${choice}"`).join(" or ");
    diagnostics.error(
      VALUE.notAllowed,
      `The environment variable ${variable} is ${JSON.stringify(value)}. Set it to ${allowed}, or unset it.`,
    );
  }
  const journal = environment[JOURNAL_VARIABLE];
  if (journal && journal !== OFF && !isAbsolute(journal)) {
    diagnostics.error(
      VALUE.notAllowed,
      `The environment variable ${JOURNAL_VARIABLE} is ${JSON.stringify(journal)}. Set it to the absolute path of a directory, or ` +
        `to "${OFF}", or unset it.`,
    );
  }
  for (const id of takesOver(environment)) {
    if (isStateId(id)) continue;
    diagnostics.error(
      CONFIGURATION.notStateId,
      `The environment variable ${TAKE_OVER_VARIABLE} holds ${JSON.stringify(id)}. Set it to the identity that the message ` +
        "about the other state names, 16 hexadecimal digits; separate several with commas.",
    );
  }
}
