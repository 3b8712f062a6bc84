import { catalogue } from "../../shared/summary";

/** "About hosts" in docs/operations.md. */
export const HOST = catalogue({
  unusable: (host: string) => `Host "${host}" cannot be used`,
  unreadable: (host: string) => `Host "${host}" cannot be looked at`,
  unreachable: (host: string) => `Host "${host}" cannot be reached`,
  takenAsItWas: (host: string) => `Host "${host}" cannot be reached, and is taken to be as it was`,
  isGone: (host: string) => `Host "${host}" is gone`,
  forgotten: (host: string) => `Host "${host}" is gone, and was not contacted`,
  clockDiffers: (host: string, difference: string) => `The clock of host "${host}" is ${difference}`,
  waitedForOtherRun: (host: string) => `Another run was changing host "${host}"`,
  lost: (host: string) => `Host "${host}" was lost in the middle of a change`,
  unknown: (host: string) => `Host "${host}" is not known`,
  notNoted: (host: string) => `Nothing can be noted on host "${host}"`,
  doneButNotNoted: (host: string) => `What was done on host "${host}" could not be noted there`,
  deployedFromOtherState: (stack: string) => `Stack "${stack}" is deployed from another state`,
});
