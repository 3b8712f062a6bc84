import { buildGoPrograms } from "./go-programs";
import { makeLongRunning } from "./long-running";
import { installPackages } from "./packages";
import { makeAcmeClients, makePostfix, makePromtool } from "./unpacked-packages";

/**
 * What `npm test` and `npm run test:long` need beside npm's packages, as far as it can be had on this machine.
 * Whatever cannot is no failure: the suites that need it say so.
 */
async function main(long: boolean): Promise<void> {
  await installPackages(long);
  await buildGoPrograms();
  await makePostfix();
  if (long) await makePromtool();
  if (long) await makeAcmeClients();
  if (long) await makeLongRunning();
}

void main(process.argv.includes("long"));
