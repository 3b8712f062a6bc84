import { catalogue } from "../../shared/summary";

/** "About jobs on a host" in docs/messages.md. */
export const JOB = catalogue({
  hasFailed: (host: string) => `The job on host "${host}" has failed`,
  unusable: (host: string) => `The directory of the job on host "${host}" cannot be used`,
  stillRuns: (host: string) => `The job on host "${host}" is still running`,
  lost: (host: string) => `The connection to host "${host}" was lost while its job was running`,
  interrupted: (host: string) => `The job on host "${host}" continues without this apply`,
  notRun: (host: string) => `The job on host "${host}" is not run`,
  rowFailed: (row: string, host: string) => `${row} has failed in the job on host "${host}"`,
  rowPending: (row: string, host: string) => `${row} is pending in the job on host "${host}"`,
});
