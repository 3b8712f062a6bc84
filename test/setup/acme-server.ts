import { buildPebble, canBuildPebble, findPebble } from "../support/pebble-installation";
import { step } from "./step";

/** Builds the ACME server that the suites order from, once: it is kept in the user's cache directory. */
export async function makeAcmeServer(): Promise<void> {
  if (findPebble() || !canBuildPebble()) return;
  await step("building Pebble from its Go module", buildPebble);
}
