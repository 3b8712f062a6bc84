import type { Session } from "../../../shared/transport/session";
import type { Timeouts } from "../../../shared/transport/timeouts";
import type { Transport } from "../../../shared/transport/transport";
import type { HostSettings } from "../desired/host-settings";
import type { LedgerFile } from "../record/ledger-file";
import type { MovingNames } from "./moving-names";

/** What all steps of a transaction share. */
export interface TransactionContext {
  /** The shell that holds the host's lock. */
  readonly session: Session;
  readonly host: HostSettings;
  /** How the endpoints of services are reached. */
  readonly transport: Pick<Transport, "target">;
  /** The present ledger. */
  readonly ledgerFile: LedgerFile;
  readonly memory: Memory;
  readonly timeouts: Timeouts;
}

/** What a process remembers of a host from one transaction to the next. */
export interface Memory {
  /** Paths that were removed and not declared again since. */
  readonly removed: Set<string>;
  /** Warnings about the host that were shown already: each is shown once. */
  readonly said: Set<string>;
  /** States that have changed the host and may not be saved yet. */
  readonly begun: Set<string>;
  /** Names that move between resources and have not arrived yet. */
  readonly movingNames: MovingNames;
}
