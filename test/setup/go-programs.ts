import { buildActionlint, findActionlint } from "../support/actionlint";
import { findCommand } from "../support/commands";
import { buildPebble, findPebble } from "../support/pebble-installation";
import { step } from "./step";

/** Builds programs that only Go modules have in the version that is needed: they are kept in the user's cache directory. */
export async function buildGoPrograms(): Promise<void> {
  if (!findCommand("go")) return;
  if (!findPebble()) await step("building Pebble from its Go module", buildPebble);
  if (!findActionlint()) await step("building actionlint from its Go module", buildActionlint);
}
