/**
 * What an engine's plan does to a stack, without secrets: values are kept for a list of attributes only. The types of all
 * other resources are known, but not their values.
 */
export interface StackPlan {
  /**
   * In the engine's order: sorted by address. The last ones are the data sources of mail-sni that the engine has read while it
   * planned, as `no-op`; those that the apply will read are `read`.
   */
  readonly changes: readonly PlannedChange[];
  /** What has changed outside of the engine since the last apply, in the same form. */
  readonly drift: readonly PlannedChange[];
  readonly outputs: readonly PlannedOutput[];
  /** The hosts whose settings, such as the address, the commands and the default domain, are not those of the last deploy. */
  readonly changedHosts: readonly string[];
  /**
   * By the address of a private certificate, without an instance's key: what the expression of its `ca_certificate_pem` refers to.
   * Certificates in modules are not in it.
   */
  readonly caReferences: ReadonlyMap<string, readonly string[]>;
  /** The addresses of actions that the apply runs for what it changes, such as `action.x_notify.admin` (Terraform 1.14). */
  readonly actions: readonly string[];
  /** The engine's version. */
  readonly engineVersion: string;
  /** False if planning stopped at an error: changes may be missing. */
  readonly isComplete: boolean;
}

export interface PlannedChange {
  /** Such as `mailsni_acme_certificate.c_example_org`. */
  readonly address: string;
  /** The address in the state, if the plan moves the resource. */
  readonly movedFrom: string | null;
  /** The resource type, such as `mailsni_host_files` or `local_file`. */
  readonly type: string;
  readonly isData: boolean;
  /** Whether the resource is of the provider `mail-sni.invalid/mail-sni/mailsni`. */
  readonly isOurs: boolean;
  /** Whether it is an object of a replacement that was not destroyed then. */
  readonly isDeposed: boolean;
  /** Whether the plan imports it into the state. */
  readonly isImported: boolean;
  readonly action: PlannedAction;
  /** The engine's reason, such as `delete_because_no_resource_config`; null if it gives none. */
  readonly reason: string | null;
  /** The values now; null if the resource is not there, or its type has no values that are kept. */
  readonly before: KeptValues | null;
  /** The values after the apply; null likewise. */
  readonly after: KeptValues | null;
  /** Names of the top-level attributes that will be known after the apply only. */
  readonly unknown: readonly string[];
  /** Names of the top-level attributes that differ between before and after, unknown ones included, with no value of any. */
  readonly changed: readonly string[];
}

/** A replacement is one action. `forget` removes the resource from the state and does not destroy it. */
export type PlannedAction = "no-op" | "read" | "create" | "update" | "replace" | "delete" | "forget";

export interface PlannedOutput {
  readonly name: string;
  readonly action: PlannedAction;
}

export type KeptValues =
  | CertificateValues
  | PrivateCaValues
  | HostFilesValues
  | HostJobValues
  | RetiredRenewersValues
  | ServedValues;

/** Values of `mailsni_acme_certificate` and `mailsni_private_certificate`. */
export interface CertificateValues {
  readonly kind: "certificate";
  readonly names: readonly string[];
  readonly optionalNames: readonly string[];
  /** The names in the certificate; null if unknown, or of a private CA. */
  readonly dnsNames: readonly string[] | null;
  readonly fingerprintSha256: string | null;
  readonly notAfter: Date | null;
  readonly renewAt: Date | null;
  /** Whether its renewal was due when it was last read. */
  readonly isDue: boolean;
  /**
   * Why the last plan reissued the certificate: `due`, `names`, `key` …; null if it is the first. It is this plan's reason if
   * `certificate_pem` is unknown.
   */
  readonly reissueReason: string | null;
  /** Of a private certificate: the {@link PrivateCaValues.identity} of its CA. Null if that is unknown. */
  readonly issuer: string | null;
}

/** Values of `mailsni_private_ca`. */
export interface PrivateCaValues {
  readonly kind: "private CA";
  /** Stays the same when the CA is renewed: a digest of its subject and public key. Null if unknown. */
  readonly identity: string | null;
}

/** Values of `mailsni_host_files`. */
export interface HostFilesValues {
  readonly kind: "host files";
  readonly host: string;
  /** Null for the files of one certificate. */
  readonly role: "base" | "default" | null;
  readonly names: readonly string[];
  /** By path. */
  readonly files: ReadonlyMap<string, PlannedFile>;
  /** Targets by path. */
  readonly links: ReadonlyMap<string, string>;
  readonly directories: readonly string[];
  /** By path: those of each directory, in the form of a file's. */
  readonly directoryPermissions: ReadonlyMap<string, string>;
  readonly placeholders: readonly string[];
  /** What is not served yet; null if nothing is pending. */
  readonly pending: string | null;
  /** Files, links and directories that were deployed, and that do not exist on the host. */
  readonly missing: ReadonlySet<string>;
}

export interface PlannedFile {
  /** Null if unknown. */
  readonly sha256: string | null;
  /** Whether the contents are a configured text; otherwise they are a PEM. The text itself is not kept. */
  readonly isText: boolean;
  /** The host's service that reads the file, and is reloaded. */
  readonly service: string | null;
  /** Permission bits, owner and group, such as `0600 root qmail`. */
  readonly permissions: string;
  /** Whether it stays on the host once it is no longer declared. */
  readonly isKept: boolean;
}

/** Values of `mailsni_host_job`. */
export interface HostJobValues {
  readonly kind: "host job";
  readonly host: string;
  /** The program and its arguments; without those that are not known yet. */
  readonly command: readonly string[];
  /** Why it has to run again; null if it has not. */
  readonly pending: string | null;
}

/** Values of `mailsni_retired_renewers`. */
export interface RetiredRenewersValues {
  readonly kind: "retired renewers";
  readonly host: string;
  /** What an apply may switch off, and how; null if that is not known yet. */
  readonly plannedPlaces: readonly string[] | null;
  /** What is switched off; null if that is not known yet. */
  readonly places: readonly string[] | null;
  /** What runs again; null if nothing does. */
  readonly pending: string | null;
}

/** Values of `mailsni_served_certificates`. */
export interface ServedValues {
  readonly kind: "served";
  readonly host: string;
  /** How the host answered, such as `asked`, `not_asked`, `unreachable`. */
  readonly status: string;
  readonly mismatches: number;
}

/** The values of the files of a host; null for values of another kind, and without values. */
export function hostFilesIn(values: KeptValues | null): HostFilesValues | null {
  return values?.kind === "host files" ? values : null;
}

/** The values of what exists on the host, without what is missing there. */
export function presentValues(values: HostFilesValues): HostFilesValues {
  const { missing } = values;
  if (missing.size === 0) return values;
  const present = <T>(entries: ReadonlyMap<string, T>) =>
    new Map([...entries].filter(([path]) => !missing.has(path)));
  return {
    ...values,
    files: present(values.files),
    links: present(values.links),
    directories: values.directories.filter((path) => !missing.has(path)),
    directoryPermissions: present(values.directoryPermissions),
  };
}

/** The values of a job; null for values of another kind, and without values. */
export function hostJobIn(values: KeptValues | null): HostJobValues | null {
  return values?.kind === "host job" ? values : null;
}

/** The values of retired renewers; null for values of another kind, and without values. */
export function retiredRenewersIn(values: KeptValues | null): RetiredRenewersValues | null {
  return values?.kind === "retired renewers" ? values : null;
}

/**
 * The attributes of a job that are the result of its last run. A run that the host has started itself changes them without an
 * apply, and each run of an apply does.
 */
export const JOB_RESULTS: ReadonlySet<string> = new Set(["exit_status", "finished_at", "results", "pending"]);

/** The values of a certificate; null for values of another kind, and without values. */
export function certificateIn(values: KeptValues | null): CertificateValues | null {
  return values?.kind === "certificate" ? values : null;
}

/** The values of a private CA; null for values of another kind, and without values. */
export function privateCaIn(values: KeptValues | null): PrivateCaValues | null {
  return values?.kind === "private CA" ? values : null;
}
