import type { Summary } from "../../../shared/summary";
import type { Facts } from "../record/facts";

/** A file that a resource declares on a host. Paths are absolute and without the host's `root`. */
export interface DesiredFile {
  readonly path: string;
  readonly contents: string;
  /**
   * True for a PEM with a key, false for a readable configuration. PEMs are swapped in before the
   * configuration that names them.
   */
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
  /** Created together with the PEM, and both only if the service's configuration names no certificate. */
  readonly configuration: { readonly path: string; readonly text: string } | null;
}

/** A path that the resource no longer wants. */
export interface Removal {
  readonly path: string;
  /** Configuration is removed before the activation, PEMs and links after it. */
  readonly configuration: boolean;
  readonly service: string | null;
  /** Whether the file stays, and no resource owns it from then on. */
  readonly keep: boolean;
}

export interface Change {
  readonly kind: "create" | "update" | "delete";
  /** The resource's id in the ledger. */
  readonly token: string;
  /** The stack the resource belongs to. */
  readonly stack: string;
  /** The identity of the Terraform state that the resource is in; null if it is not declared. */
  readonly state: string | null;
  /** Whether that state is known to have been saved, because the resource was read from it. */
  readonly stateIsSaved: boolean;
  /** Where the run is, as `thisPlace` names it. */
  readonly place: string;
  /** Lost states whose files may be taken over. */
  readonly takesOver: ReadonlySet<string>;
  readonly role: Role | null;
  /**
   * What becomes of files that a program on the host has claimed with the token, if the resource is deleted; null if it has no
   * such program. Not null keeps their claims in an update.
   */
  readonly claimsOnHost?: ClaimsOnHost | null;
  readonly directories: readonly DesiredDirectory[];
  readonly files: readonly DesiredFile[];
  readonly links: readonly DesiredLink[];
  readonly placeholders: readonly Placeholder[];
  readonly removals: readonly Removal[];
  /** Whether services are asked about existing files, because something was wrong when they were last asked. */
  readonly asksServices?: boolean;
  /** Host names that the PEMs are served for. */
  readonly names: readonly string[];
}

/**
 * `base` prepares a host for the others; `default` has the certificate for clients with no SNI, or an
 * unlisted name. Every other resource is one certificate for its names.
 */
export const ROLES = ["base", "default"] as const;
export type Role = (typeof ROLES)[number];

export const CLAIMS_ON_HOST = ["release", "remove"] as const;
export type ClaimsOnHost = (typeof CLAIMS_ON_HOST)[number];

export interface Problem {
  readonly summary: Summary;
  readonly detail: string;
  /** The file it is about, if it is about one. */
  readonly path?: string;
}

export interface ChangeResult {
  /** Empty if everything is as declared. */
  readonly errors: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** What is still pending on the host, or null. */
  readonly pending: string | null;
  /** Facts about declared files after the change; none about links and new directories. */
  readonly facts: Facts;
}
