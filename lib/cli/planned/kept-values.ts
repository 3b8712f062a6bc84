import type { JsonValue } from "./json/json-value";
import type {
  CertificateValues,
  HostFilesValues,
  KeptValues,
  PlannedFile,
  ServedValues,
} from "./planned-change";

const MOST_FILE_ATTRIBUTES = 100;
const MOST_ENTRIES = 20_000;
const MOST_TEXT_BYTES = 8192;

/** The attributes of a resource, by name. What is unknown is missing. */
export type Attributes = ReadonlyMap<string, JsonValue>;

/**
 * The types of which values are kept. Each function is the list of their attributes: it names every attribute that is ever
 * decoded. None of them can hold a private key, a text file or anything else that is not in a certificate.
 */
const KEPT: Readonly<Record<string, (attributes: Attributes) => KeptValues>> = {
  mailsni_acme_certificate: certificateValues,
  mailsni_private_certificate: certificateValues,
  mailsni_host_files: hostFilesValues,
  mailsni_served_certificates: servedValues,
};

/**
 * The values that are kept of a resource of the mail-sni provider.
 *
 * @param type such as `mailsni_host_files`
 * @returns null for types of which no value is kept
 * @throws JsonBytesError
 */
export function keptValues(type: string, attributes: Attributes): KeptValues | null {
  return Object.hasOwn(KEPT, type) ? (KEPT[type]?.(attributes) ?? null) : null;
}

function certificateValues(attributes: Attributes): CertificateValues {
  return {
    kind: "certificate",
    names: texts(attributes.get("names")) ?? [],
    optionalNames: texts(attributes.get("optional_names")) ?? [],
    dnsNames: texts(attributes.get("dns_names")),
    fingerprintSha256: text(attributes.get("fingerprint_sha256")),
    notAfter: time(attributes.get("not_after")),
    renewAt: time(attributes.get("renew_at")),
    reissueReason: text(attributes.get("reissue_reason")),
  };
}

function hostFilesValues(attributes: Attributes): HostFilesValues {
  return {
    kind: "host files",
    host: text(attributes.get("host")) ?? "",
    role: role(attributes.get("role")),
    names: texts(attributes.get("names")) ?? [],
    files: new Map(entries(attributes.get("files")).map(([path, file]) => [path, plannedFile(file)])),
    links: new Map(entries(attributes.get("links")).map(([path, target]) => [path, text(target) ?? ""])),
    directories: entries(attributes.get("directories")).map(([path]) => path),
    placeholders: entries(attributes.get("placeholders")).map(([path]) => path),
    pending: text(attributes.get("pending")),
  };
}

function plannedFile(file: JsonValue): PlannedFile {
  const attributes = file.object(MOST_FILE_ATTRIBUTES);
  return {
    sha256: text(attributes.get("sha256")),
    isText: attributes.get("text")?.isNull === false,
    service: text(attributes.get("service")),
    permissions: permissions(attributes),
    isKept: text(attributes.get("on_destroy")) === "keep",
  };
}

/** Such as `0640 root qmail`; `0644` if neither owner nor group is set, `0640 - qmail` if only the group is. */
function permissions(attributes: Attributes): string {
  const [mode, owner, group] = ["mode", "owner", "group"].map((name) => text(attributes.get(name)) ?? "-");
  return owner === "-" && group === "-" ? `${mode}` : `${mode} ${owner} ${group}`;
}

function servedValues(attributes: Attributes): ServedValues {
  return {
    kind: "served",
    host: text(attributes.get("host")) ?? "",
    status: text(attributes.get("status")) ?? "",
    mismatches: present(attributes.get("mismatch_count"))?.count() ?? 0,
  };
}

function present(value: JsonValue | undefined): JsonValue | null {
  return value === undefined || value.isNull ? null : value;
}

function text(value: JsonValue | undefined): string | null {
  return present(value)?.text(MOST_TEXT_BYTES) ?? null;
}

function texts(value: JsonValue | undefined): readonly string[] | null {
  // Elements that are not known yet are null.
  const elements = present(value)?.list(MOST_ENTRIES) ?? null;
  return elements?.flatMap((element) => text(element) ?? []) ?? null;
}

function entries(value: JsonValue | undefined): readonly (readonly [string, JsonValue])[] {
  return [...(present(value)?.object(MOST_ENTRIES) ?? [])];
}

function time(value: JsonValue | undefined): Date | null {
  const written = text(value);
  if (value === undefined || written === null) return null;
  const date = new Date(written);
  if (!/^\d{4}-\d\d-\d\dT/.test(written) || Number.isNaN(date.getTime())) throw value.error("is not a time");
  return date;
}

function role(value: JsonValue | undefined): HostFilesValues["role"] {
  const written = text(value);
  if (written === null || written === "base" || written === "default") return written;
  throw value?.error("is not a role");
}
