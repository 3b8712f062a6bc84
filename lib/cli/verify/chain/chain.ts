import type { X509Certificate } from "node:crypto";

/** The trusted root certificates. */
export class TrustStore {
  readonly #bySubject = new Map<string, X509Certificate[]>();
  readonly #fingerprints = new Set<string>();

  constructor(roots: Iterable<X509Certificate>) {
    for (const root of roots) {
      this.#fingerprints.add(root.fingerprint256);
      const same = this.#bySubject.get(root.subject);
      if (same) same.push(root);
      else this.#bySubject.set(root.subject, [root]);
    }
  }

  has({ fingerprint256 }: X509Certificate): boolean {
    return this.#fingerprints.has(fingerprint256);
  }

  /** The roots with a subject, which may have issued a certificate that names it as its issuer. */
  withSubject(subject: string): readonly X509Certificate[] {
    return this.#bySubject.get(subject) ?? [];
  }
}

/** The chain that the certificates of a server form. */
export interface Chain {
  /**
   * - `trusted`: the leaf is issued by a trusted root, directly or through others that were sent.
   * - `self-signed`: the leaf has no other issuer.
   * - `unknown-root`: it leads to a root that is not trusted.
   * - `incomplete`: an issuer was not sent, and is not a trusted root.
   */
  readonly end: "trusted" | "self-signed" | "unknown-root" | "incomplete";
  /** The certificates from the leaf upwards. Excludes a trusted root that the server did not send. */
  readonly path: readonly [X509Certificate, ...X509Certificate[]];
  /** The fingerprints of the leaf and all its issuers, on any path. Other sent certificates are superfluous. */
  readonly leading: ReadonlySet<string>;
}

/** The maximum number of signature checks: a server may send many certificates with the same name. One check takes 0.1 ms. */
const MOST_SIGNATURES = 300;

/**
 * Follows issuers from the leaf upwards, regardless of the order in which the server sent them.
 *
 * @param sent the leaf first
 */
export function chainOf(
  sent: readonly [X509Certificate, ...X509Certificate[]],
  store: TrustStore,
  at: Date,
): Chain {
  const [leaf, ...others] = distinct(sent);
  let signatures = 0;
  const issued = (certificate: X509Certificate, issuer: X509Certificate) =>
    ++signatures <= MOST_SIGNATURES && isIssuedBy(certificate, issuer);
  /** For each certificate reached, the one that it has issued; null for the leaf. */
  const below = new Map<X509Certificate, X509Certificate | null>([[leaf as X509Certificate, null]]);
  let trusted: X509Certificate | undefined;
  // The loop adds to the map: a breadth-first search.
  for (const [certificate] of below) {
    trusted ??= isTrusted(certificate, store, at, issued) ? certificate : undefined;
    for (const issuer of others) {
      if (below.has(issuer) || issuer.subject !== certificate.issuer) continue;
      if (issued(certificate, issuer)) below.set(issuer, certificate);
    }
  }
  const reached = [...below.keys()];
  const top = trusted ?? (reached.at(-1) as X509Certificate);
  const leading = new Set(reached.map(({ fingerprint256 }) => fingerprint256));
  return { end: trusted === undefined ? endOf(top, leaf) : "trusted", path: pathTo(top, below), leading };
}

function isTrusted(
  certificate: X509Certificate,
  store: TrustStore,
  at: Date,
  issued: (certificate: X509Certificate, issuer: X509Certificate) => boolean,
): boolean {
  if (store.has(certificate)) return true;
  return store.withSubject(certificate.issuer).some((root) => isValid(root, at) && issued(certificate, root));
}

function endOf(top: X509Certificate, leaf: X509Certificate | undefined): Chain["end"] {
  if (top.subject !== top.issuer) return "incomplete";
  return top === leaf ? "self-signed" : "unknown-root";
}

function pathTo(
  top: X509Certificate,
  below: ReadonlyMap<X509Certificate, X509Certificate | null>,
): Chain["path"] {
  const path: [X509Certificate, ...X509Certificate[]] = [top];
  for (let next = below.get(top); next; next = below.get(next)) path.unshift(next);
  return path;
}

/** Whether `issuer` has issued the certificate, by names, extensions and signature. */
export function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    // OpenSSL does not support the type of its key.
    return false;
  }
}

export function isValid({ validFrom, validTo }: X509Certificate, at: Date): boolean {
  return new Date(validFrom) <= at && at <= new Date(validTo);
}

function distinct(certificates: readonly X509Certificate[]): X509Certificate[] {
  return [...new Map(certificates.map((one) => [one.fingerprint256, one])).values()];
}
