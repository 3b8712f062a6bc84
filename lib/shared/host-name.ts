import { domainToASCII, domainToUnicode } from "node:url";
import { hostNameErrors } from "./errors";

declare const hostName: unique symbol;
declare const wildcardName: unique symbol;

/**
 * A host name as in DNS, certificates and file names: lower-case A-labels, at least two labels, no trailing
 * dot. Only {@link parseHostName} makes one.
 */
export type HostName = string & { readonly [hostName]: true };

/** `*.` in front of a {@link HostName}: it stands for any one label. */
export type WildcardName = string & { readonly [wildcardName]: true };

/** A name that a certificate can be issued for (a SAN of type dNSName). */
export type CertificateName = HostName | WildcardName;

/** RFC 1035 §2.3.4, without the root label, in characters as written. */
const MAX_NAME_LENGTH = 253;
const MAX_LABEL_LENGTH = 63;

/**
 * The maximum length of the input, so that megabytes are never converted from Unicode. No longer text is a
 * host name.
 */
const MAX_INPUT_LENGTH = 1000;

/**
 * Parses a host name. Upper case becomes lower case, Unicode becomes A-labels (UTS 46, non-transitional), and
 * one trailing dot is dropped.
 *
 * It refuses what no mail client can look up and what no certificate may contain: labels other than letters,
 * digits and inner hyphens (RFC 1123 §2.1), `--` in the third and fourth place except in an A-label (RFC 5890
 * §2.3.1), A-labels that do not survive a round trip through Unicode, IP addresses, names of a single label,
 * and wildcards.
 *
 * @throws MailSniError `HOST_NAME_…`
 */
export function parseHostName(input: string): HostName {
  if (input.includes("*")) throw hostNameErrors.wildcard(input);
  return parseLabels(input, input, MAX_NAME_LENGTH);
}

/**
 * Parses a host name, like {@link parseHostName}, in which the leftmost label may be `*` (RFC 6125 §6.4.3).
 *
 * @throws MailSniError `HOST_NAME_…`
 */
export function parseCertificateName(input: string): CertificateName {
  if (!input.startsWith("*.")) {
    if (input.includes("*")) throw hostNameErrors.wildcardMisplaced(input);
    return parseHostName(input);
  }
  const parent = input.slice(2);
  if (parent.includes("*")) throw hostNameErrors.wildcardMisplaced(input);
  return `*.${parseLabels(parent, input, MAX_NAME_LENGTH - 2)}` as WildcardName;
}

export function isWildcard(name: CertificateName): name is WildcardName {
  return name.startsWith("*.");
}

/**
 * Whether a client that connects to `name` accepts a certificate with these dNSName SANs (RFC 9525 §6.3, RFC
 * 6125 §6.4): one is the same name, or a wildcard that is the whole leftmost label and stands for exactly one
 * label. A wildcard directly below a top-level domain covers nothing, as in OpenSSL and browsers. The CN is
 * ignored.
 *
 * @param sanNames as written in a certificate, in upper or lower case
 */
export function covers(sanNames: readonly string[], name: HostName): boolean {
  const parent = name.slice(name.indexOf(".") + 1);
  const wildcard = parent.includes(".") ? `*.${parent}` : null;
  return sanNames.some((san) => {
    const folded = san.toLowerCase();
    return folded === name || folded === wildcard;
  });
}

/**
 * Whether a certificate with these SANs is valid for `name`. For a host name the same as {@link covers}; a
 * wildcard has to be among the SANs.
 */
export function hasName(sanNames: readonly string[], name: CertificateName): boolean {
  return sanNames.includes(name) || (!isWildcard(name) && covers(sanNames, name));
}

/**
 * The names that a certificate has to be ordered for, in their order: without the names that one of the
 * wildcards covers. Let's Encrypt refuses an order with `imap.example.org` beside `*.example.org` as
 * redundant.
 *
 * @param names lower-case A-labels and wildcards
 */
export function withoutCovered<T extends string>(names: readonly T[]): T[] {
  const wildcards = names.filter((name) => name.startsWith("*."));
  return names.filter((name) => name.startsWith("*.") || !covers(wildcards, name as string as HostName));
}

/** @param given what the user wrote, for messages; `input` is the part that has to be a host name */
function parseLabels(input: string, given: string, maxLength: number): HostName {
  if (input === "" || input === ".") throw hostNameErrors.empty(given);
  if (input.length > MAX_INPUT_LENGTH) throw hostNameErrors.tooLong(given, input.length, maxLength);
  const name = toLowerCaseAscii(input, given).replace(/\.$/, "");
  const labels = name.split(".");
  for (const label of labels) checkLabel(label, given);
  if (name.length > maxLength) throw hostNameErrors.tooLong(given, name.length, maxLength);
  // A label that URL parsers take for part of an IPv4 address is no top-level domain either (RFC 3696 §2).
  if (/^(\d+|0x[0-9a-f]*)$/.test(labels[labels.length - 1] as string)) throw hostNameErrors.ipAddress(given);
  if (labels.length < 2) throw hostNameErrors.singleLabel(given);
  return name as HostName;
}

function toLowerCaseAscii(input: string, given: string): string {
  // cdktf's tokens of lists have another sign in front of the brace.
  if (/\$\{|\{TfToken\[/.test(input)) throw hostNameErrors.notLiteral(given);
  if (/^\[?[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.%]*\]?$/i.test(input)) throw hostNameErrors.ipAddress(given);
  // domainToASCII() parses a URL: it would silently take "ä.tld/x" or "x@ä.tld" for "ä.tld".
  const foreign = /[^a-zA-Z0-9.\-\u0080-\u{10ffff}]/u.exec(input);
  if (foreign !== null) throw hostNameErrors.character(given, foreign[0]);
  if (isAscii(input)) return input.toLowerCase();
  const ascii = domainToASCII(input);
  if (ascii === "") throw hostNameErrors.notIdn(given);
  return ascii;
}

function checkLabel(label: string, given: string): void {
  if (label === "") throw hostNameErrors.emptyLabel(given);
  if (label.length > MAX_LABEL_LENGTH) throw hostNameErrors.labelTooLong(given, label, MAX_LABEL_LENGTH);
  if (label.startsWith("xn--")) {
    if (!isALabel(label)) throw hostNameErrors.notALabel(given, label);
    return;
  }
  const foreign = /[^a-z0-9-]/.exec(label);
  if (foreign !== null) throw hostNameErrors.character(given, foreign[0]);
  if (!hasProperHyphens(label)) throw hostNameErrors.hyphen(given, label);
}

/** Whether `label` is the encoding of its own Unicode form, and that form follows the same rules. */
function isALabel(label: string): boolean {
  const unicode = domainToUnicode(label);
  if (isAscii(unicode) || domainToASCII(unicode) !== label) return false;
  return hasProperHyphens(unicode) && /^[a-z0-9\-\u0080-\u{10ffff}]+$/u.test(unicode);
}

/** Whether hyphens are neither first nor last, nor in both the third and the fourth place. */
function hasProperHyphens(label: string): boolean {
  return !/^-|-$|^..--/u.test(label);
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}
