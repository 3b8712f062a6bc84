/** The largest ledger that is read: ten times what the history of 1,000 domains comes to before it is compacted. */
export const MOST_LEDGER_BYTES = 32 * 1024 * 1024;
