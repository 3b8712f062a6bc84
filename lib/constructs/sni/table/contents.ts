import type { LeftOut } from "../../domain/left-out";
import type { AcknowledgedSubject } from "./acknowledged-subject";
import type { HostTable } from "./host-table";

/** The contents of the SNI table of an app. */
export interface TableContents {
  /** The hosts, sorted by stack and host. */
  readonly hosts: readonly HostTable[];
  /** The acknowledged findings, sorted by rule, construct and subject. */
  readonly acknowledged: readonly AcknowledgedSubject[];
  /** The entries of lists that are not served, sorted by file and row. */
  readonly leftOut: readonly LeftOut[];
}
