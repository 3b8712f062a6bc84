import { catalogue } from "../../shared/summary";

/** "About mail servers" in docs/messages.md. */
export const SERVICE = catalogue({
  notInstalled: (service: string) => `${service} is not installed`,
  otherVersion: (service: string, installed: string, declared: string) =>
    `${service} is version ${installed}, but is declared as ${declared}`,
  doesNotRead: (service: string, file: string) => `${service} does not read ${file}`,
  refuses: (service: string) => `${service} refuses the configuration`,
  notTried: (service: string) => `The new configuration of ${service} cannot be checked`,
  brokenBefore: (service: string) => `The configuration of ${service} was already broken and was not loaded`,
  tablesNotBuilt: (service: string) => `The tables of ${service} cannot be built`,
  notReloaded: (service: string) => `${service} failed to load the new files`,
  oldFilesNotReloaded: (service: string) =>
    `The old files were restored, but ${service} may not serve them yet`,
  pendingNotNoted: (service: string) => `The pending activation of ${service} cannot be recorded`,
  notServed: (service: string, name: string) => `${service} does not serve the new certificate for ${name}`,
  notAsked: (service: string, name: string) => `${service} could not be checked for ${name}`,
  notRunning: (service: string) => `${service} is not running`,
  ended: (service: string) => `${service} stopped after it had loaded the new files`,
  nameTaken: (name: string, service: string) =>
    `${name} is overridden by another block in ${service}'s configuration`,
  nameNotMoved: (name: string, service: string) =>
    `${name} still has the certificate of another resource in ${service}'s configuration`,
  defaultTaken: (service: string) => `The default certificate of ${service} is overridden`,
});
