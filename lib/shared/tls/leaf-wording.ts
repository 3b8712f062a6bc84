import type { X509Certificate } from "node:crypto";
import { dnsNamesOf, fingerprintOf } from "../certificate-facts";
import { printableLine } from "../text/printable";
import { truncated } from "../text/truncated";
import { rfc3339 } from "../time/rfc3339";

const MOST_CHARACTERS = 100;
const SHOWN_NAMES = 3;
/** The number of digits of a fingerprint in messages: enough to distinguish two certificates. */
const FINGERPRINT_DIGITS = 16;

/** A leaf as messages call it: its names, and the beginning of its fingerprint. */
export function leafTitle(leaf: X509Certificate): string {
  return `the certificate ${namesIn(leaf)} (SHA-256 ${shortFingerprint(fingerprintOf(leaf))})`;
}

/** The certificate that is declared, as messages call it. */
export function declaredTitle(domain: string, fingerprint: string | null): string {
  return fingerprint === null
    ? `that of ${domain}`
    : `that of ${domain} (SHA-256 ${shortFingerprint(fingerprint)})`;
}

/** A certificate of a chain as messages call it. */
export function subjectOf({ subject }: X509Certificate): string {
  return oneLine(subject) || "without a subject";
}

export function issuerOf({ issuer }: X509Certificate): string {
  return oneLine(issuer) || "without a name";
}

export function shortFingerprint(fingerprint: string): string {
  return `${fingerprint.slice(0, FINGERPRINT_DIGITS)}…`;
}

export function time(date: string): string {
  return rfc3339(new Date(date));
}

export function shortened(text: string): string {
  return truncated(text, MOST_CHARACTERS);
}

function namesIn(leaf: X509Certificate): string {
  const names = dnsNamesOf(leaf);
  if (names.length === 0) return `of ${subjectOf(leaf)}, which has no names,`;
  const more = names.length > SHOWN_NAMES ? ` and ${names.length - SHOWN_NAMES} more` : "";
  return `for ${printableLine(shortened(names.slice(0, SHOWN_NAMES).join(", ")))}${more}`;
}

function oneLine(distinguishedName: string | undefined): string {
  return printableLine(shortened((distinguishedName ?? "").replaceAll("\n", ", ")));
}
