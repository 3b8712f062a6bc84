import { catalogue } from "../../shared/summary";

/** "About mail servers" in docs/operations.md. */
export const SERVICE = catalogue({
  notInstalled: (service: string) => `${service} is not installed`,
  otherVersion: (service: string, installed: string, declared: string) =>
    `${service} is version ${installed}, and is declared as ${declared}`,
  doesNotRead: (service: string, file: string) => `${service} does not read ${file}`,
  refuses: (service: string) => `${service} refuses the configuration`,
  notTried: (service: string) => `The new configuration of ${service} cannot be tried`,
  brokenBefore: (service: string) =>
    `The configuration of ${service} was broken before, and has not been loaded`,
  tablesNotBuilt: (service: string) => `The tables of ${service} cannot be built`,
  notReloaded: (service: string) => `${service} did not take the new files`,
  oldFilesNotReloaded: (service: string) =>
    `The old files are back in place, and ${service} may not serve them yet`,
  pendingNotNoted: (service: string) => `The pending activation of ${service} cannot be noted`,
  notServed: (service: string, name: string) => `${service} does not serve the new certificate of ${name}`,
  notAsked: (service: string, name: string) => `${service} could not be asked for ${name}`,
  notRunning: (service: string) => `${service} is not running`,
  ended: (service: string) => `${service} has ended since it was told of the new files`,
  nameTaken: (name: string, service: string) =>
    `${name} is taken by another block of ${service}'s configuration`,
  defaultTaken: (service: string) => `The default certificate of ${service} is set elsewhere`,
});
