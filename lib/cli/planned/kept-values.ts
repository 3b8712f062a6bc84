import { parsedRfc3339 } from "../../shared/time/rfc3339";
import { JsonObject } from "../json/json-object";
import type { JsonValue } from "../json/json-value";
import { caIdentity } from "./ca-identity";
import type {
  CertificateValues,
  HostFilesValues,
  HostJobValues,
  KeptValues,
  PlannedFile,
  PrivateCaValues,
  RetiredRenewersValues,
  ServedValues,
} from "./planned-change";
import {
  ACME_CERTIFICATE,
  HOST_FILES,
  HOST_JOB,
  PRIVATE_CA,
  PRIVATE_CERTIFICATE,
  RETIRED_RENEWERS,
  SERVED_CERTIFICATES,
} from "./resource-format";

const MOST_FILE_ATTRIBUTES = 100;
const MOST_ENTRIES = 20_000;
const MOST_PATH_BYTES = 8192;
const MOST_TIME_BYTES = 100;
const MOST_PEM_BYTES = 1024 * 1024;

/**
 * The types of which values are kept. Each function is the list of their attributes: it names every attribute that is ever
 * decoded. None of them can hold a private key, a text file or anything else that is not in a certificate.
 */
const KEPT: Readonly<Record<string, (attributes: JsonObject) => KeptValues>> = {
  [ACME_CERTIFICATE]: certificateValues,
  [PRIVATE_CERTIFICATE]: certificateValues,
  [PRIVATE_CA]: privateCaValues,
  [HOST_FILES]: hostFilesValues,
  [HOST_JOB]: hostJobValues,
  [RETIRED_RENEWERS]: retiredRenewersValues,
  [SERVED_CERTIFICATES]: servedValues,
};

/**
 * The values that are kept of a resource of the mail-sni provider.
 *
 * @param type such as `mailsni_host_files`
 * @returns null for types of which no value is kept
 * @throws JsonBytesError
 */
export function keptValues(type: string, attributes: JsonObject): KeptValues | null {
  return Object.hasOwn(KEPT, type) ? (KEPT[type]?.(attributes) ?? null) : null;
}

function certificateValues(attributes: JsonObject): CertificateValues {
  return {
    kind: "certificate",
    names: texts(attributes.optional("names")) ?? [],
    optionalNames: texts(attributes.optional("optional_names")) ?? [],
    dnsNames: texts(attributes.optional("dns_names")),
    fingerprintSha256: attributes.text("fingerprint_sha256"),
    notAfter: time(attributes.optional("not_after")),
    renewAt: time(attributes.optional("renew_at")),
    isDue: attributes.optional("renewal_due")?.isTrue === true,
    reissueReason: attributes.text("reissue_reason"),
    issuer: identityOf(attributes.optional("ca_certificate_pem")),
  };
}

function privateCaValues(attributes: JsonObject): PrivateCaValues {
  return { kind: "private CA", identity: identityOf(attributes.optional("certificate_pem")) };
}

/** Of the certificate of a CA. */
function identityOf(pem: JsonValue | null): string | null {
  return pem === null ? null : caIdentity(pem.text(MOST_PEM_BYTES));
}

function hostFilesValues(attributes: JsonObject): HostFilesValues {
  const entries = (name: string) => entriesOf(attributes.optional(name));
  return {
    kind: "host files",
    host: attributes.text("host") ?? "",
    role: role(attributes.optional("role")),
    names: texts(attributes.optional("names")) ?? [],
    files: new Map(entries("files").map(([path, file]) => [path, plannedFile(file)])),
    links: new Map(entries("links").map(([path, target]) => [path, target.text(MOST_PATH_BYTES)])),
    directories: entries("directories").map(([path]) => path),
    directoryPermissions: new Map(
      entries("directories").map(([path, one]) => [
        path,
        permissions(new JsonObject(one, MOST_FILE_ATTRIBUTES)),
      ]),
    ),
    placeholders: entries("placeholders").map(([path]) => path),
    pending: attributes.text("pending"),
    missing: new Set(texts(attributes.optional("missing"))),
  };
}

function plannedFile(file: JsonValue): PlannedFile {
  const attributes = new JsonObject(file, MOST_FILE_ATTRIBUTES);
  return {
    sha256: attributes.text("sha256"),
    // A text that is not known yet is missing.
    isText: !attributes.hasNull("text"),
    service: attributes.text("service"),
    permissions: permissions(attributes),
    isKept: attributes.text("on_destroy") === "keep",
  };
}

/** Such as `0640 root qmail`; `0644` if neither owner nor group is set, `0640 - qmail` if only the group is. */
function permissions(attributes: JsonObject): string {
  const [mode, owner, group] = ["mode", "owner", "group"].map((name) => attributes.text(name) ?? "-");
  return owner === "-" && group === "-" ? `${mode}` : `${mode} ${owner} ${group}`;
}

function hostJobValues(attributes: JsonObject): HostJobValues {
  return {
    kind: "host job",
    host: attributes.text("host") ?? "",
    command: texts(attributes.optional("command")) ?? [],
    pending: attributes.text("pending"),
  };
}

function retiredRenewersValues(attributes: JsonObject): RetiredRenewersValues {
  return {
    kind: "retired renewers",
    host: attributes.text("host") ?? "",
    plannedPlaces: texts(attributes.optional("planned_places")),
    places: texts(attributes.optional("places")),
    pending: attributes.text("pending"),
  };
}

function servedValues(attributes: JsonObject): ServedValues {
  return {
    kind: "served",
    host: attributes.text("host") ?? "",
    status: attributes.text("status") ?? "",
    mismatches: attributes.optional("mismatch_count")?.count() ?? 0,
  };
}

function texts(value: JsonValue | null): readonly string[] | null {
  // Elements that are not known yet are null.
  const known = value?.list(MOST_ENTRIES).filter((element) => !element.isNull);
  return known?.map((element) => element.text(MOST_PATH_BYTES)) ?? null;
}

/** Without those whose value is not known yet. */
function entriesOf(value: JsonValue | null): readonly (readonly [string, JsonValue])[] {
  return value === null ? [] : new JsonObject(value, MOST_ENTRIES).entries.filter(([, each]) => !each.isNull);
}

function time(value: JsonValue | null): Date | null {
  if (value === null) return null;
  const date = parsedRfc3339(value.text(MOST_TIME_BYTES));
  if (date === null) throw value.error("is not a time");
  return date;
}

function role(value: JsonValue | null): HostFilesValues["role"] {
  if (value === null) return null;
  const written = value.text(MOST_TIME_BYTES);
  if (written !== "base" && written !== "default") throw value.error("is not a role");
  return written;
}
