import { catalogue } from "../../shared/summary";

/** "About files on a host" in docs/messages.md. */
export const FILE = catalogue({
  notImported: "The files were not imported",
  cannotBeWritten: (path: string) => `${path} cannot be written`,
  cannotBeRead: (path: string) => `${path} cannot be read by its server`,
  cannotBeMade: (path: string) => `${path} cannot be created`,
  cannotBeReplaced: (path: string) => `${path} cannot be replaced`,
  cannotBeRemoved: (path: string) => `${path} cannot be removed`,
  notPutBack: (path: string) => `${path} could not be restored`,
  directoryNotPrepared: "A directory cannot be prepared",
  unreadable: (path: string) => `${path} cannot be checked`,
  ofOtherStack: (path: string) => `${path} belongs to another stack`,
  ofOtherState: (path: string) => `${path} belongs to another state of the stack`,
  replaced: (path: string) => `${path} existed already and was replaced`,
  wasLink: (path: string) => `${path} was a link to a directory`,
  wasMissing: (path: string) => `${path} was missing for a moment`,
  ofOtherKind: (path: string, kind: string) => `${path} is no longer a ${kind}`,
});
