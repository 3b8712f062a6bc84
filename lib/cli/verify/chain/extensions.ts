import type { X509Certificate } from "node:crypto";
import {
  type CertificateExtension,
  type CertificateStructure,
  certificateStructure,
  keyUsageBits,
} from "../../../shared/certificate-structure";
import { isUnknownCritical } from "../../../shared/critical-extensions";
import {
  DER_BOOLEAN,
  DER_INTEGER,
  DER_SEQUENCE,
  derContents,
  derIdentifier,
  derValues,
} from "../../../shared/der";
import { type NameConstraints, nameConstraints } from "./name-constraints";
import { type ComparableName, comparableName, directoryName, mailboxesIn } from "./name-forms";

/** What a certificate says about its place in a chain (RFC 5280 §4.2). Null where it has no such extension. */
export interface PathExtensions {
  /** Whether it is of X.509 version 1, which has no extensions. */
  readonly isVersion1: boolean;
  readonly isCa: boolean | null;
  /** How many CAs may be below this one. */
  readonly pathLength: number | null;
  /** Numbers of bits (RFC 5280 §4.2.1.3). */
  readonly keyUsage: ReadonlySet<number> | null;
  /** The object identifiers of the extended key usage. */
  readonly purposes: ReadonlySet<string> | null;
  readonly constraints: NameConstraints | null;
  /** All names to which the constraints of CAs above apply. */
  readonly names: readonly ComparableName[];
  /** The object identifiers of critical extensions that clients do not process. */
  readonly unknownCritical: readonly string[];
  /** The object identifiers of extensions that cannot be parsed, or occur twice. */
  readonly unreadable: readonly string[];
}

const BASIC_CONSTRAINTS = "2.5.29.19";
const KEY_USAGE = "2.5.29.15";
const EXTENDED_KEY_USAGE = "2.5.29.37";
const SUBJECT_ALT_NAME = "2.5.29.17";
const NAME_CONSTRAINTS = "2.5.29.30";

/** A certificate occurs in many paths, and may have thousands of names. */
const parsed = new WeakMap<X509Certificate, PathExtensions | null>();

/** @returns null if the certificate is not DER */
export function pathExtensions(certificate: X509Certificate): PathExtensions | null {
  let extensions = parsed.get(certificate);
  if (extensions === undefined) {
    extensions = readExtensions(certificate);
    parsed.set(certificate, extensions);
  }
  return extensions;
}

function readExtensions({ raw, subject }: X509Certificate): PathExtensions | null {
  const structure = certificateStructure(raw);
  try {
    return structure && extensionsIn(structure, subject ?? "");
  } catch (error) {
    // The subject is not DER.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function extensionsIn({ version, subject, extensions }: CertificateStructure, shown: string): PathExtensions {
  const unreadable = new Set<string>();
  const read = <T>(id: string, reader: (value: Buffer) => T): T | null => {
    const [extension, ...more] = extensions.filter((one) => one.id === id);
    try {
      if (extension !== undefined && more.length === 0) return reader(extension.value);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      unreadable.add(id);
    }
    return null;
  };
  const basic = read(BASIC_CONSTRAINTS, basicConstraints);
  const result = {
    isVersion1: version === 1,
    isCa: basic?.isCa ?? null,
    pathLength: basic?.pathLength ?? null,
    keyUsage: read(KEY_USAGE, keyUsage),
    purposes: read(EXTENDED_KEY_USAGE, purposes),
    constraints: read(NAME_CONSTRAINTS, nameConstraints),
    names: [...subjectNames(subject, shown), ...(read(SUBJECT_ALT_NAME, generalNames) ?? [])],
    unknownCritical: extensions.filter(isUnknownCritical).map(({ id }) => id),
  };
  for (const id of repeated(extensions)) unreadable.add(id);
  return { ...result, unreadable: [...unreadable] };
}

/** RFC 5280 §4.2 allows each extension once. */
function repeated(extensions: readonly CertificateExtension[]): string[] {
  const seen = new Set<string>();
  const again: string[] = [];
  for (const { id } of extensions) {
    if (seen.has(id)) again.push(id);
    seen.add(id);
  }
  return again;
}

function basicConstraints(value: Buffer): { isCa: boolean; pathLength: number | null } {
  const fields = derValues(derContents(derValues(value)[0], DER_SEQUENCE));
  const isCa = fields[0]?.tag === DER_BOOLEAN && fields.shift()?.contents[0] !== 0;
  const length = fields.length === 0 ? null : derContents(fields[0], DER_INTEGER);
  return { isCa, pathLength: length && pathLengthOf(length) };
}

/** A longer number than any chain is long is no limit. */
function pathLengthOf(bytes: Buffer): number {
  const [first] = bytes;
  if (first === undefined || first >= 0x80) throw new RangeError("the length of the path is negative");
  return bytes.length > 4 ? Number.POSITIVE_INFINITY : bytes.readUIntBE(0, bytes.length);
}

function keyUsage(value: Buffer): ReadonlySet<number> {
  const bits = keyUsageBits(value);
  if (bits === null || bits.size === 0) throw new RangeError("the key has no usage");
  return bits;
}

function purposes(value: Buffer): ReadonlySet<string> {
  return new Set(derValues(derContents(derValues(value)[0], DER_SEQUENCE)).map(derIdentifier));
}

function generalNames(value: Buffer): ComparableName[] {
  return derValues(derContents(derValues(value)[0], DER_SEQUENCE)).map(comparableName);
}

/**
 * The subject as a directory name, and the mailboxes in it. An empty subject is none.
 *
 * @throws RangeError if it is not DER
 */
function subjectNames(rdns: Buffer, shown: string): ComparableName[] {
  if (rdns.length === 0) return [];
  return [directoryName(rdns, `the subject ${shown.replaceAll("\n", ", ")}`), ...mailboxesIn(rdns)];
}
