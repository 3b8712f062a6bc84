import { catalogue } from "../../shared/summary";

/** "About renewers on a host" in docs/messages.md. */
export const RENEWER = catalogue({
  active: (program: string, host: string) =>
    `${program} is active on host "${host}" and would undo this change`,
  notRetired: (host: string) => `A renewer on host "${host}" could not be switched off`,
  shared: (host: string) => `A renewer on host "${host}" also runs another client`,
  staysOff: (name: string, host: string) => `${name} stays switched off on host "${host}"`,
  notRestored: (host: string) => `A renewer on host "${host}" could not be switched on again`,
  notFound: (host: string) => `The plan does not name what is switched off on host "${host}"`,
  changedSincePlan: (host: string) => `The renewers on host "${host}" have changed since the plan`,
  notSwitched: (host: string) => `The renewers on host "${host}" are not switched off`,
});
