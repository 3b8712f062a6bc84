import type { X509Certificate } from "node:crypto";
import { type PathExtensions, pathExtensions } from "./extensions";
import { type NameViolation, violation } from "./name-constraints";

/** Why clients refuse a chain in which each certificate is signed by the next, and all are current (RFC 5280 §6). */
export type PathFault =
  /** An extension, or the whole certificate, cannot be parsed, or an extension occurs twice. */
  | { readonly kind: "unreadable"; readonly certificate: X509Certificate; readonly extension: string | null }
  | { readonly kind: "critical-extension"; readonly certificate: X509Certificate; readonly extension: string }
  /** A certificate has issued another, and is none of a CA. */
  | { readonly kind: "not-a-ca"; readonly certificate: X509Certificate; readonly issued: X509Certificate }
  /** The key usage of a CA does not allow it to sign certificates. */
  | { readonly kind: "may-not-sign"; readonly certificate: X509Certificate; readonly issued: X509Certificate }
  /** The certificate names another key or serial number of its issuer than the issuer has. */
  | { readonly kind: "other-issuer"; readonly certificate: X509Certificate; readonly issuer: X509Certificate }
  /** There are more CAs below one than it allows. */
  | {
      readonly kind: "too-long";
      readonly certificate: X509Certificate;
      readonly allowed: number;
      readonly found: number;
    }
  /** The certificate is for a name for which its CA may not issue one. */
  | {
      readonly kind: "name";
      readonly certificate: X509Certificate;
      readonly ca: X509Certificate;
      readonly name: string;
      readonly violation: NameViolation;
    }
  /** There are more names and subtrees than clients compare. */
  | { readonly kind: "too-many-names"; readonly certificate: X509Certificate; readonly ca: X509Certificate }
  /** The extended key usage of the leaf, or of one of its issuers, excludes TLS servers. */
  | { readonly kind: "purpose"; readonly certificate: X509Certificate; readonly isLeaf: boolean }
  /** The key usage of the leaf allows nothing that a TLS server does. */
  | { readonly kind: "key-usage"; readonly certificate: X509Certificate };

/** A certificate of the path with its extensions. */
interface Step {
  readonly certificate: X509Certificate;
  readonly extensions: PathExtensions;
}

/**
 * Checks a path by its extensions. Each kind of fault is returned once: the one nearest to the leaf.
 *
 * @param path the leaf first, and the trusted root last if there is one. Constraints of the root apply too, as in OpenSSL
 */
export function pathFaults(path: readonly X509Certificate[]): PathFault[] {
  const steps: Step[] = [];
  for (const certificate of path) {
    const extensions = pathExtensions(certificate);
    if (extensions === null) return [{ kind: "unreadable", certificate, extension: null }];
    steps.push({ certificate, extensions });
  }
  const checks = [unreadable, critical, authority, signing, issuer, length, names, purpose, keyUsage];
  return checks.flatMap((check) => check(steps) ?? []);
}

type Check = (path: readonly Step[]) => PathFault | undefined;

const unreadable: Check = (path) =>
  first(
    path,
    ({
      certificate,
      extensions: {
        unreadable: [extension],
      },
    }) => (extension === undefined ? undefined : { kind: "unreadable", certificate, extension }),
  );

const critical: Check = (path) =>
  first(
    path,
    ({
      certificate,
      extensions: {
        unknownCritical: [extension],
      },
    }) => (extension === undefined ? undefined : { kind: "critical-extension", certificate, extension }),
  );

/**
 * A root at the end may be without basic constraints if it is of X.509 version 1, or has a key usage: so OpenSSL has it, and
 * private CAs have such roots.
 */
const authority: Check = (path) =>
  firstIssuer(path, ({ certificate, extensions: { isCa, isVersion1, keyUsage } }, issued, isLast) => {
    const isOldRoot = isVersion1 && certificate.subject === certificate.issuer;
    const isExempt = isCa === null && isLast && (isOldRoot || keyUsage !== null);
    return isCa === true || isExempt ? undefined : { kind: "not-a-ca", certificate, issued };
  });

/** Numbers of bits of the key usage (RFC 5280 §4.2.1.3). */
const KEY_CERT_SIGN = 5;
/** Digital signature, key encipherment, key agreement. */
const TLS_SERVER_USAGES: readonly number[] = [0, 2, 4];

const signing: Check = (path) =>
  firstIssuer(path, ({ certificate, extensions: { keyUsage } }, issued) =>
    keyUsage === null || keyUsage.has(KEY_CERT_SIGN)
      ? undefined
      : { kind: "may-not-sign", certificate, issued },
  );

/** OpenSSL compares the key identifiers. It also refuses issuers for reasons that the other checks report. */
const issuer: Check = (path) => {
  if (unreadable(path) ?? signing(path)) return undefined;
  return firstIssuer(path, ({ certificate }, issued) =>
    issued.checkIssued(certificate)
      ? undefined
      : { kind: "other-issuer", certificate: issued, issuer: certificate },
  );
};

/** Certificates that a CA has issued to itself, as for a new key, do not count (RFC 5280 §4.2.1.9). */
const length: Check = (path) => {
  let cas = 0;
  return firstIssuer(path, ({ certificate, extensions: { pathLength } }) => {
    const found = cas;
    if (!isSelfIssued(certificate)) cas++;
    if (pathLength === null || found <= pathLength) return undefined;
    return { kind: "too-long", certificate, allowed: pathLength, found };
  });
};

/** The most comparisons of names with subtrees for one path. OpenSSL allows more: a million for one pair. */
const MOST_COMPARISONS = 250_000;

/** Certificates that a CA has issued to itself are exempt, but not the leaf (RFC 5280 §6.1.3). */
const names: Check = (path) => {
  let comparisons = 0;
  return first(path, (step, index) => {
    if (index > 0 && isSelfIssued(step.certificate)) return undefined;
    return first(path.slice(index + 1), (ca) => {
      const { permitted, excluded } = ca.extensions.constraints ?? { permitted: [], excluded: [] };
      comparisons += (permitted.length + excluded.length) * step.extensions.names.length;
      const { certificate } = step;
      if (comparisons > MOST_COMPARISONS) return { kind: "too-many-names", certificate, ca: ca.certificate };
      return forbiddenName(step, ca);
    });
  });
};

function forbiddenName({ certificate, extensions }: Step, ca: Step): PathFault | undefined {
  const { constraints } = ca.extensions;
  if (constraints === null) return undefined;
  return first(extensions.names, (name) => {
    const found = violation(name, constraints);
    if (found === null) return undefined;
    return { kind: "name", certificate, ca: ca.certificate, name: name.shown, violation: found };
  });
}

const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";

/** Clients apply the extended key usage of a CA to what it has issued. */
const purpose: Check = (path) =>
  first(path, ({ certificate, extensions: { purposes } }, index) =>
    purposes === null || purposes.has(SERVER_AUTH)
      ? undefined
      : { kind: "purpose", certificate, isLeaf: index === 0 },
  );

const keyUsage: Check = ([leaf]) => {
  const usages = leaf?.extensions.keyUsage ?? null;
  if (leaf === undefined || usages === null || TLS_SERVER_USAGES.some((bit) => usages.has(bit)))
    return undefined;
  return { kind: "key-usage", certificate: leaf.certificate };
};

function isSelfIssued({ subject, issuer: by }: X509Certificate): boolean {
  return subject === by;
}

/** The first fault that a check finds. */
function first<T>(
  list: readonly T[],
  check: (one: T, index: number) => PathFault | undefined,
): PathFault | undefined {
  for (const [index, one] of list.entries()) {
    const fault = check(one, index);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** The same for the certificates that have issued the one before them. */
function firstIssuer(
  path: readonly Step[],
  check: (issuer: Step, issued: X509Certificate, isLast: boolean) => PathFault | undefined,
): PathFault | undefined {
  return first(path.slice(1), (step, index) =>
    check(step, (path[index] as Step).certificate, index === path.length - 2),
  );
}
