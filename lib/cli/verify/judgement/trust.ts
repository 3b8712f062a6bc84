import type { X509Certificate } from "node:crypto";

/** Certificates that clients trust by themselves: roots. */
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

  /** Those that may have issued it, by their names. */
  withSubject(subject: string): readonly X509Certificate[] {
    return this.#bySubject.get(subject) ?? [];
  }
}

/** Where the certificates that a server sent lead to. */
export interface Chain {
  /**
   * - `trusted`: the leaf is issued by a trusted root, directly or through others that were sent.
   * - `self-signed`: the leaf has no other issuer.
   * - `unknown-root`: it leads to a root that is not trusted.
   * - `incomplete`: an issuer was not sent, and is no trusted root.
   */
  readonly end: "trusted" | "self-signed" | "unknown-root" | "incomplete";
  /** From the leaf upwards, as far as it leads, without a trusted root that was not sent. */
  readonly path: readonly [X509Certificate, ...X509Certificate[]];
  /** All that lead from the leaf upwards, on any path: the others were sent in vain. */
  readonly leading: ReadonlySet<string>;
}

/** Verifying a signature takes a tenth of a millisecond, and a server may send certificates that all have one name. */
const MOST_SIGNATURES = 300;

/**
 * Follows issuers from the leaf upwards, in whatever order the server sent them.
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
  /** The certificate below each that was reached; null below the leaf. */
  const below = new Map<X509Certificate, X509Certificate | null>([[leaf as X509Certificate, null]]);
  let trusted: X509Certificate | undefined;
  // The map grows while it is gone through: nearest certificates first.
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

/** Whether one has issued the other, by names, extensions and signature. */
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
