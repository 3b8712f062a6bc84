/** Exit statuses of every command. */
export const EXIT = {
  /** All is well. */
  OK: 0,
  /** Something is wrong. */
  WRONG: 1,
  /** Nothing could be checked, or the command was not understood. */
  NOT_CHECKED: 2,
  /** `plan --detailed-exitcode`: there is something to do. */
  CHANGES: 3,
  /** `renew`: a plan does what must not be done unattended, so nothing of it was applied. */
  REFUSED: 4,
} as const;

/** The meaning of each exit status, for the help and the manual page. */
export const EXIT_MEANINGS: Readonly<Record<string, string>> = {
  0: "all is well",
  1: "something is wrong: at least one error",
  2: "nothing could be checked, the command was not understood, or an unexpected error ended it",
  3: "plan --detailed-exitcode: there is something to do",
  4: "renew: a plan has changes that must not be made unattended, and was not applied",
};
