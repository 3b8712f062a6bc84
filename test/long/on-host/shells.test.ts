import { installScenarios } from "../../on-host/renewal/support/install-scenarios";
import { findCommand } from "../../support/commands";

/** What `npm test` does with dash. */
const SHELLS: readonly (readonly [string, ...string[]])[] = [
  ["bash"],
  ["bash", "--posix"],
  ["busybox", "sh"],
];

for (const shell of SHELLS.filter(([name]) => findCommand(name))) installScenarios(...shell);
