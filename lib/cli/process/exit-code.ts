/** Exit statuses of every command. */
export const EXIT = {
  /** All is well. */
  OK: 0,
  /** Something is wrong. */
  WRONG: 1,
  /** Nothing could be checked, or the command was not understood. */
  NOT_CHECKED: 2,
} as const;
