import { backendPassword } from "./backend-password";
import { clientNames } from "./client-names";
import { localStateSize } from "./local-state-size";
import { namesWithoutEntry } from "./names-without-entry";
import { portsWithoutSni } from "./ports-without-sni";
import { readableState } from "./readable-state";
import type { SniRule } from "./rule";
import { takenNames } from "./taken-names";
import { upgradeDifferences } from "./upgrade-differences";

/**
 * The rules that whole stacks are checked against. SNI001 to SNI004, without which nothing would work, are
 * checked at the declaration. docs/rules.md explains all rules.
 */
// biome-ignore lint/suspicious/noExplicitAny: each rule's details are its own
export const RULES: readonly SniRule<any>[] = [
  namesWithoutEntry,
  clientNames,
  takenNames,
  upgradeDifferences,
  portsWithoutSni,
  readableState,
  backendPassword,
  localStateSize,
];
