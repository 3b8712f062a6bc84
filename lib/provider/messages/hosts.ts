import { catalogue } from "../../shared/summary";

/** "About hosts" in docs/messages.md. */
export const HOST = catalogue({
  unusable: (host: string) => `Host "${host}" cannot be used`,
  unreadable: (host: string) => `Host "${host}" cannot be checked`,
  unreachable: (host: string) => `Host "${host}" cannot be reached`,
  takenAsItWas: (host: string) => `Host "${host}" cannot be reached: its last known state is used`,
  impostorTakenAsItWas: (host: string) => `Host "${host}" has another host key: its last known state is used`,
  unusableTakenAsItWas: (host: string) => `Host "${host}" cannot be checked: its last known state is used`,
  isGone: (host: string) => `Host "${host}" is marked as gone`,
  forgotten: (host: string) => `Host "${host}" is marked as gone and was not contacted`,
  clockDiffers: (host: string, difference: string) => `The clock of host "${host}" is ${difference}`,
  waitedForOtherRun: (host: string) => `Waited for another run on host "${host}"`,
  lost: (host: string) => `Host "${host}" was lost during a change`,
  unknown: (host: string) => `Host "${host}" is not known`,
  notNoted: (host: string) => `The ledger of host "${host}" cannot be written`,
  doneButNotNoted: (host: string) => `The changes on host "${host}" were made but not recorded`,
  deployedFromOtherState: (stack: string) => `Stack "${stack}" is deployed from another state`,
});
