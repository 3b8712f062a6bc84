import type { Summary } from "../../../shared/summary";
import type { Facts } from "../record/facts";

/** What a resource wants of a host. Paths are absolute and without the host's `root`. */
export interface DesiredFile {
  readonly path: string;
  readonly contents: string;
  /** PEM with a key; else readable configuration. Decides the order: PEMs come before what names them. */
  readonly secret: boolean;
  readonly mode: string;
  /** The owner; null for the user who runs the session. */
  readonly owner: string | null;
  readonly group: string | null;
  /** The service that reads it, if any. */
  readonly service: string | null;
}

export interface DesiredLink {
  readonly path: string;
  readonly target: string;
  readonly service: string | null;
}

export interface DesiredDirectory {
  readonly path: string;
  readonly mode: string;
  readonly owner: string | null;
  readonly group: string | null;
}

/** A self-signed PEM that is created only where nothing exists, so that a server can start. */
export interface Placeholder {
  readonly path: string;
  readonly names: readonly string[];
  readonly mode: string;
  readonly owner: string | null;
  readonly group: string | null;
  readonly service: string | null;
  /** Made together with the PEM, and both only where the service names no certificate by itself. */
  readonly configuration: { readonly path: string; readonly text: string } | null;
}

/** A path that the resource no longer wants. */
export interface Removal {
  readonly path: string;
  /** Configuration goes before the activation, PEMs and links after it. */
  readonly configuration: boolean;
  readonly service: string | null;
  /** Whether the file stays, and no resource owns it from then on. */
  readonly keep: boolean;
}

export interface Change {
  readonly kind: "create" | "update" | "delete";
  /** Names the resource in the ledger. */
  readonly token: string;
  /** The stack the resource belongs to. */
  readonly stack: string;
  /** The Terraform state the resource is in, by its identity; null where that is not declared. */
  readonly state: string | null;
  /** Whether that state is known to have been saved: the resource came from there. */
  readonly stateIsSaved: boolean;
  /** Where the run is, as `thisPlace` names it. */
  readonly place: string;
  /** States that are lost, and whose files may be taken over. */
  readonly takesOver: ReadonlySet<string>;
  readonly role: Role | null;
  readonly directories: readonly DesiredDirectory[];
  readonly files: readonly DesiredFile[];
  readonly links: readonly DesiredLink[];
  readonly placeholders: readonly Placeholder[];
  readonly removals: readonly Removal[];
  /** Services are asked what they make of files that are there already: when they were asked last, something was wrong. */
  readonly asksServices?: boolean;
  /** Host names that the PEMs are served for. */
  readonly names: readonly string[];
}

/**
 * `base` prepares a host for the others; `default` has the certificate for clients with no SNI, or an
 * unlisted name. Every other resource is one certificate for its names.
 */
export type Role = "base" | "default";

export interface Problem {
  readonly summary: Summary;
  readonly detail: string;
  /** The file it is about, if it is about one. */
  readonly path?: string;
}

export interface ChangeResult {
  /** Empty: everything is as wanted. */
  readonly errors: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** What is still pending on the host, or null. */
  readonly pending: string | null;
  /** What was seen of the declared paths meanwhile, as they are now. Of links and new directories nothing. */
  readonly facts: Facts;
}
