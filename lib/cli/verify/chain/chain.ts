import type { X509Certificate } from "node:crypto";
import { madeOnce } from "../../../shared/made-once";
import { type PathFault, pathFaults } from "./path-faults";
import type { TrustStore } from "./trust-store";

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
  readonly path: Path;
  /** The trusted root at the end, whether the server sent it or not; null if the chain is not trusted. */
  readonly root: X509Certificate | null;
  /** Why clients refuse the path although it leads where it leads. */
  readonly faults: readonly PathFault[];
  /** The fingerprints of the leaf and all its issuers, on any path. Other sent certificates are superfluous. */
  readonly leading: ReadonlySet<string>;
}

type Path = readonly [X509Certificate, ...X509Certificate[]];

/** A path that leads to a trusted root. */
interface TrustedPath {
  readonly path: Path;
  readonly root: X509Certificate;
}

/**
 * The maximum number of signature checks: a server may send many certificates with the same name. One check takes 0.1 ms, with the
 * largest RSA keys several, and the other servers wait meanwhile.
 */
const MOST_SIGNATURES = 100;
/** The maximum number of paths: certificates that have issued each other form any number. */
const MOST_PATHS = 300;
/** The maximum number of trusted paths whose extensions are checked. */
const MOST_CHECKED = 20;

/**
 * Follows issuers from the leaf upwards, regardless of the order in which the server sent them. Of several paths to a trusted
 * root it takes the shortest one without faults, as clients do that look for one.
 *
 * @param sent the leaf first
 */
export function chainOf(sent: Path, store: TrustStore, at: Date): Chain {
  const { reached, trusted } = pathsFrom(sent, store, at);
  const leading = new Set(reached.flat().map(({ fingerprint256 }) => fingerprint256));
  const judged = trusted.map((one) => ({ ...one, faults: pathFaults(wholeOf(one)) }));
  const isFaultless = ({ path, faults }: (typeof judged)[number]) =>
    faults.length === 0 && path.every((certificate) => isValid(certificate, at));
  const chosen = judged.find(isFaultless) ?? judged[0];
  if (chosen !== undefined) return { end: "trusted", ...chosen, leading };
  const path = reached.at(-1) as Path;
  return { end: endOf(path), path, root: null, faults: pathFaults(path), leading };
}

/** All paths from the leaf, the shortest first, and those of them that lead to a trusted root. */
function pathsFrom(
  [leaf, ...others]: Path,
  store: TrustStore,
  at: Date,
): { readonly reached: readonly Path[]; readonly trusted: readonly TrustedPath[] } {
  const issuersOf = issuers(others, store, at);
  const reached: Path[] = [[leaf]];
  const trusted: TrustedPath[] = [];
  // The loop adds to the list: a breadth-first search.
  for (const path of reached) {
    const top = path.at(-1) as X509Certificate;
    const { roots, sent } = issuersOf(top);
    for (const root of store.has(top) ? [top] : roots) {
      if (trusted.length < MOST_CHECKED) trusted.push({ path, root });
    }
    for (const issuer of sent) {
      if (reached.length < MOST_PATHS && !isIn(path, issuer)) reached.push([...path, issuer]);
    }
  }
  return { reached, trusted };
}

interface Issuers {
  readonly sent: readonly X509Certificate[];
  readonly roots: readonly X509Certificate[];
}

/** Finds the issuers of a certificate among those that were sent, and among the trusted roots that are current. */
function issuers(
  others: readonly X509Certificate[],
  store: TrustStore,
  at: Date,
): (certificate: X509Certificate) => Issuers {
  let signatures = 0;
  const known = new Map<X509Certificate, Issuers>();
  const distinct = [...new Map(others.map((one) => [one.fingerprint256, one])).values()];
  return (certificate) =>
    madeOnce(known, certificate, () => {
      const hasIssued = (issuer: X509Certificate) =>
        issuer.subject === certificate.issuer &&
        ++signatures <= MOST_SIGNATURES &&
        isSignedBy(certificate, issuer);
      return {
        roots: store.withSubject(certificate.issuer).filter((root) => isValid(root, at) && hasIssued(root)),
        sent: distinct.filter(hasIssued),
      };
    });
}

function isIn(path: Path, { fingerprint256 }: X509Certificate): boolean {
  return path.some((one) => one.fingerprint256 === fingerprint256);
}

/** The path with the root that the server did not send. */
function wholeOf({ path, root }: TrustedPath): readonly X509Certificate[] {
  return isIn(path, root) ? path : [...path, root];
}

function endOf(path: Path): Chain["end"] {
  const top = path.at(-1) as X509Certificate;
  if (!isSelfSigned(top)) return "incomplete";
  return path.length === 1 ? "self-signed" : "unknown-root";
}

/** Whether a certificate is its own issuer. A CA may also issue one for its new key to itself, and sign it with the old key. */
export function isSelfSigned(certificate: X509Certificate): boolean {
  return isSignedBy(certificate, certificate);
}

/** Whether `issuer` has issued the certificate, by name and signature. */
export function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.issuer === issuer.subject && certificate.verify(issuer.publicKey);
  } catch {
    // OpenSSL does not support the type of its key.
    return false;
  }
}

function isValid({ validFrom, validTo }: X509Certificate, at: Date): boolean {
  return new Date(validFrom) <= at && at <= new Date(validTo);
}
