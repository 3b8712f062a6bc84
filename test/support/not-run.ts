/** What the title of a suite says that cannot run on this machine. */
export const NOT_RUN = "not run here";
