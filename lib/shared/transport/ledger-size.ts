/** The maximum size of a ledger that is read, in bytes: ten times the history of 1,000 domains before it is compacted. */
export const MOST_LEDGER_BYTES = 32 * 1024 * 1024;
