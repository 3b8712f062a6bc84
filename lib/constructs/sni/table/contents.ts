import type { LeftOut } from "../../domain/left-out";
import type { AcknowledgedSubject } from "./acknowledged-subject";
import type { HostTable } from "./host-table";

/** What the table of an app says. */
export interface TableContents {
  /** By stack and host. */
  readonly hosts: readonly HostTable[];
  /** By rule, place and subject. */
  readonly acknowledged: readonly AcknowledgedSubject[];
  /** What lists of mail domains have and no server is told of, by file and row. */
  readonly leftOut: readonly LeftOut[];
}
