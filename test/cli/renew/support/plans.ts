import type {
  CertificateValues,
  HostFilesValues,
  PlannedChange,
  PlannedFile,
  StackPlan,
} from "../../../../lib/cli/planned/planned-change";

/** The addresses of a private CA and of a certificate that the configuration has it issue. */
export const CA = "mailsni_private_ca.ca_ca";
export const PRIVATE = "mailsni_private_certificate.c_domain1_tld";

/** A plan that does nothing, and what is different in it. */
export function plan(different: Partial<StackPlan> = {}): StackPlan {
  return {
    changes: [],
    drift: [],
    outputs: [],
    changedHosts: [],
    caReferences: new Map([[PRIVATE, [`${CA}.certificate_pem`, CA]]]),
    actions: [],
    engineVersion: "1.15.0",
    isComplete: true,
    ...different,
  };
}

function update(different: Partial<PlannedChange>): PlannedChange {
  return {
    address: "",
    movedFrom: null,
    type: "",
    isData: false,
    isOurs: true,
    isDeposed: false,
    isImported: false,
    action: "update",
    reason: null,
    before: null,
    after: null,
    unknown: [],
    changed: [],
    ...different,
  };
}

const CERTIFICATE: CertificateValues = {
  kind: "certificate",
  names: ["domain1.tld"],
  optionalNames: [],
  dnsNames: ["domain1.tld"],
  fingerprintSha256: "0".repeat(64),
  notAfter: new Date("2027-01-01T00:00:00Z"),
  renewAt: new Date("2026-12-01T00:00:00Z"),
  isDue: true,
  issuer: null,
  reissueReason: null,
};

const OF_ISSUE = ["certificate_pem", "private_key_pem", "fingerprint_sha256", "not_after", "renew_at"];

/** A certificate that the plan reissues. @default because its renewal is due */
export function reissued(reissueReason: string | null = "due", different: Partial<PlannedChange> = {}) {
  return update({
    address: "mailsni_acme_certificate.c_domain1_tld",
    type: "mailsni_acme_certificate",
    before: CERTIFICATE,
    after: { ...CERTIFICATE, dnsNames: null, fingerprintSha256: null, notAfter: null, reissueReason },
    unknown: OF_ISSUE,
    changed: [...OF_ISSUE, "renewal_due", "reissue_reason"],
    ...different,
  });
}

/** A private CA that the plan renews. */
export function renewedCa(different: Partial<PlannedChange> = {}) {
  const unknown = ["certificate_pem", "fingerprint_sha256", "not_before", "not_after", "renew_at"];
  return update({
    address: CA,
    type: "mailsni_private_ca",
    before: { kind: "private CA", identity: "one" },
    after: { kind: "private CA", identity: null },
    unknown,
    changed: [...unknown, "renewal_due"],
    ...different,
  });
}

/** A certificate of the private CA with an identity. */
export function issuedBy(issuer: string | null): CertificateValues {
  return { ...CERTIFICATE, issuer };
}

/** A certificate of a private CA that the same plan renews. */
export function ofRenewedCa(different: Partial<PlannedChange> = {}) {
  const unknown = [...OF_ISSUE, "ca_certificate_pem", "reissue_reason", "chain_pem"];
  return reissued(null, {
    address: PRIVATE,
    type: "mailsni_private_certificate",
    before: issuedBy("one"),
    after: issuedBy(null),
    unknown,
    changed: unknown,
    ...different,
  });
}

export const PEM = "/etc/dovecot/mail-sni/domain1.tld.pem";
export const SNIPPET = "/etc/dovecot/mail-sni/2.3/domain1.tld.conf";
export const LINK = "/var/qmail/control/servercerts/mail.domain1.tld/servercert.pem";

export const pem = (different: Partial<PlannedFile> = {}): PlannedFile => ({
  sha256: "a".repeat(64),
  isText: false,
  service: "dovecot",
  permissions: "0600 root root",
  isKept: false,
  ...different,
});

export const text = (different: Partial<PlannedFile> = {}): PlannedFile =>
  pem({ sha256: "b".repeat(64), isText: true, permissions: "0644 root root", ...different });

/** What a resource of files has on a host. */
export function onHost(different: Partial<HostFilesValues> = {}): HostFilesValues {
  return {
    kind: "host files",
    host: "mx1",
    role: null,
    names: ["domain1.tld"],
    files: new Map([
      [PEM, pem()],
      [SNIPPET, text()],
    ]),
    links: new Map([[LINK, "../domain1.tld/servercert.pem"]]),
    directories: [],
    directoryPermissions: new Map(),
    placeholders: [],
    pending: null,
    missing: new Set(),
    ...different,
  };
}

/** The same without some paths. */
export function without(values: HostFilesValues, ...paths: readonly string[]): HostFilesValues {
  const rest = <T>(map: ReadonlyMap<string, T>) =>
    new Map([...map].filter(([path]) => !paths.includes(path)));
  return { ...values, files: rest(values.files), links: rest(values.links) };
}

/** The same with another file at a path. */
export function withFile(values: HostFilesValues, path: string, file: PlannedFile): HostFilesValues {
  return { ...values, files: new Map([...values.files, [path, file]]) };
}

/** An update of files on a host. */
export function filesUpdate(
  before: HostFilesValues,
  after: HostFilesValues,
  different: Partial<PlannedChange> = {},
) {
  return update({
    address: "mailsni_host_files.d_domain1_tld__mx1",
    type: "mailsni_host_files",
    before,
    after,
    unknown: ["pending"],
    changed: ["files", "links", "pending"],
    ...different,
  });
}

/** The files of a renewed certificate. */
export function renewedFiles(different: Partial<PlannedChange> = {}) {
  const after = withFile(onHost(), PEM, pem({ sha256: null }));
  return filesUpdate(onHost(), after, { changed: ["files", "pending"], ...different });
}

/** A resource of another provider. */
export function foreign(different: Partial<PlannedChange> = {}) {
  return update({
    address: "terraform_data.note",
    type: "terraform_data",
    isOurs: false,
    changed: ["input", "output"],
    ...different,
  });
}
