import type { PlannedStack } from "../../../../lib/cli/plan/changes/planned-stack";
import type {
  CertificateValues,
  HostFilesValues,
  PlannedChange,
  PlannedFile,
  StackPlan,
} from "../../../../lib/cli/planned/planned-change";
import type { SniTableDocument, SniTableName } from "../../../../lib/shared/sni-table/document";

/** A plan with these changes. */
export function planned(
  changes: readonly PlannedChange[],
  {
    stack = "mail",
    diagnostics = [],
    findings = [],
    ...plan
  }: Partial<StackPlan & Omit<PlannedStack, "plan">> = {},
): PlannedStack {
  const whole = {
    changes,
    drift: [],
    outputs: [],
    changedHosts: [],
    caReferences: new Map(),
    actions: [],
    engineVersion: "1.11.4",
    isComplete: true,
    ...plan,
  };
  return { stack, plan: whole, diagnostics, findings };
}

/** A resource that stays as it is, unless the fields say otherwise. */
export function change(address: string, fields: Partial<PlannedChange> = {}): PlannedChange {
  const type = address.split(".")[0] as string;
  return {
    address,
    type,
    movedFrom: null,
    isData: false,
    isOurs: type.startsWith("mailsni_"),
    isDeposed: false,
    isImported: false,
    action: "no-op",
    reason: null,
    before: null,
    after: null,
    unknown: [],
    changed: [],
    ...fields,
  };
}

export function certificate(domain: string, fields: Partial<CertificateValues> = {}): CertificateValues {
  return {
    kind: "certificate",
    names: [domain, `imap.${domain}`],
    optionalNames: [],
    dnsNames: null,
    isDue: false,
    issuer: null,
    fingerprintSha256: "ab".repeat(32),
    notAfter: new Date("2026-12-20T10:00:00Z"),
    renewAt: new Date("2026-11-20T10:00:00Z"),
    reissueReason: null,
    ...fields,
  };
}

export function certificateAddress(domain: string): string {
  return `mailsni_acme_certificate.c_${domain.replaceAll(".", "_")}`;
}

/** A certificate that is issued for the first time. */
export function newCertificate(domain: string): PlannedChange {
  return change(certificateAddress(domain), { action: "create", after: certificate(domain) });
}

/** A certificate that is no longer declared. */
export function goneCertificate(domain: string): PlannedChange {
  return change(certificateAddress(domain), { action: "delete", before: certificate(domain) });
}

/** A certificate that is issued again. */
export function reissued(
  domain: string,
  reason: string,
  names: { readonly before?: readonly string[]; readonly after?: readonly string[] } = {},
): PlannedChange {
  const { before, after } = names;
  return change(certificateAddress(domain), {
    action: "update",
    before: certificate(domain, before && { names: before }),
    after: certificate(domain, {
      reissueReason: reason,
      fingerprintSha256: null,
      ...(after && { names: after }),
    }),
    unknown: ["certificate_pem", "chain_pem", "fingerprint_sha256"],
    changed: ["certificate_pem", "fingerprint_sha256", ...(after ? ["names"] : [])],
  });
}

export const HASH = { old: "0a".repeat(32), new: "0b".repeat(32) };

export function file(fields: Partial<PlannedFile> = {}): PlannedFile {
  return {
    sha256: HASH.old,
    isText: false,
    service: "dovecot",
    permissions: "0600 root root",
    isKept: false,
    ...fields,
  };
}

/** A file of a server's configuration. */
export function textFile(fields: Partial<PlannedFile> = {}): PlannedFile {
  return file({ isText: true, permissions: "0644 root root", ...fields });
}

export function hostFiles(
  host: string,
  files: Readonly<Record<string, PlannedFile>>,
  fields: Partial<HostFilesValues> = {},
): HostFilesValues {
  return {
    kind: "host files",
    host,
    role: null,
    names: [],
    files: new Map(Object.entries(files)),
    links: new Map(),
    directories: [],
    directoryPermissions: new Map(),
    placeholders: [],
    pending: null,
    missing: new Set(),
    ...fields,
  };
}

export const pemPath = (domain: string) => `/etc/dovecot/mail-sni/${domain}.pem`;
/** The file with which Dovecot presents it. */
export const snippetPath = (domain: string) => `/etc/dovecot/mail-sni/2.3/${domain}.conf`;
/** The file at which qmail looks for a name. */
export const qmailPath = (name: string) => `/var/qmail/control/servercerts/${name}/servercert.pem`;

/** The files of a domain on a host, of which the engine does something. */
export function domainFiles(
  domain: string,
  host: string,
  fields: Partial<PlannedChange> = {},
): PlannedChange {
  return change(`mailsni_host_files.d_${domain.replaceAll(".", "_")}__${host}`, fields);
}

/** Those of a domain whose certificate is renewed. */
export function renewedFiles(domain: string, host: string): PlannedChange {
  const path = pemPath(domain);
  return domainFiles(domain, host, {
    action: "update",
    before: hostFiles(host, { [path]: file() }, { names: [domain] }),
    after: hostFiles(host, { [path]: file({ sha256: null }) }, { names: [domain] }),
    unknown: ["files"],
    changed: ["files"],
  });
}

/** A table of one stack. Names are by host and service; a name stands for its row. */
export function table(
  hosts: Readonly<Record<string, Readonly<Record<string, readonly SniTableName[]>>>>,
  byDefault = "a.tld",
): SniTableDocument {
  return {
    version: 1,
    hosts: Object.entries(hosts).map(([host, services]) => ({
      stack: "mail",
      host,
      services: Object.entries(services).map(([service, names]) => ({
        service,
        default: byDefault,
        endpoints: [{ port: service === "qmail" ? 25 : 993, protocol: "tls", sni: true }],
        names,
      })),
    })),
    acknowledged: [],
    leftOut: [],
  };
}

/** The rows of a domain's names. */
export function rows(domain: string, ...names: readonly string[]): SniTableName[] {
  return names.map((name) => ({ name, certificate: domain }));
}
