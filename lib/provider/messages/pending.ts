/** What is pending on a host, as the attribute `pending` says it: "Pending" in docs/operations.md. */
export const PENDING = {
  notServed: (services: string) => `${services}: files have changed and are not served yet`,
  interrupted: (services: string) => `${services}: a run was interrupted before its files were served`,
  ofOtherResource: (path: string, stack: string) => `${path} belongs to another resource of stack "${stack}"`,
  ofOtherState: (path: string, stack: string) => `${path} belongs to another state of stack "${stack}"`,
  expired: (time: string) => `a certificate expired at ${time}`,
  notInLedger: (path: string) => `${path} is not in the host's ledger`,
  nameShownOther: (name: string, shown: string, certificate: string) =>
    `clients that request ${name} get ${shown} instead of that in ${certificate}`,
  defaultShownOther: (shown: string, certificate: string) =>
    `clients without SNI get ${shown} instead of that in ${certificate}`,
  nameOfOtherResource: (name: string, shown: string, stack: string) =>
    `clients that request ${name} get ${shown} until another resource of stack "${stack}" gives that name up: apply that change, too`,
  notInstalled: (service: string) => `${service} is not installed`,
  otherVersion: (service: string, installed: string) =>
    `${service} is version ${installed}, but another version is declared`,
  doesNotRead: (service: string, file: string) => `${service} does not read ${file}`,
  otherMode: (path: string, mode: string, wanted: string) => `${path} has mode ${mode} instead of ${wanted}`,
  jobUnknown: () => "the host has no record of the job",
  jobOfOtherTrigger: () => "the job has run for another trigger",
  jobRuns: () => "the job is still running",
  jobGone: () => "the job ended without a result: it was killed, or the host was restarted",
  jobFailed: (status: string) => `the job has ended with exit status ${status}`,
  jobResultMissing: (file: string) => `the job has not written ${file}`,
  jobResultOld: (file: string) => `${file} is older than the job`,
  jobResultUnreadable: (file: string, reason: string) => `${file} cannot be read: ${reason}`,
  jobRows: (names: string) => `the job has not succeeded for ${names}`,
};
