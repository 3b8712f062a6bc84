import type { Session } from "../../../shared/transport/session";
import type { Timeouts } from "../../../shared/transport/timeouts";
import type { Transport } from "../../../shared/transport/transport";
import type { HostSettings } from "../desired/host-settings";
import type { LedgerFile } from "../record/ledger-file";

/** What everything needs that has a part in a transaction. */
export interface TransactionContext {
  /** Holds the host's lock. */
  readonly session: Session;
  readonly host: HostSettings;
  /** How its services are asked what they present. */
  readonly transport: Pick<Transport, "target">;
  /** As it is now. */
  readonly ledgerFile: LedgerFile;
  readonly memory: Memory;
  readonly timeouts: Timeouts;
}

/** What a process remembers of a host from one transaction to the next. */
export interface Memory {
  /** Paths that were removed, and nobody has declared since. */
  readonly removed: Set<string>;
  /** What was said that concerns no resource in particular: once is enough. */
  readonly said: Set<string>;
  /** States that have changed the host, and may not have been saved yet. */
  readonly begun: Set<string>;
}
