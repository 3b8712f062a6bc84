import { X509Certificate } from "node:crypto";
import type { PeerCertificate, TLSSocket } from "node:tls";
import { type HandshakeOptions, withHandshake } from "./handshake";
import { HandshakeError } from "./handshake-error";

/** What a server presented in one handshake. */
export interface Presentation {
  /** The negotiated version of TLS, as Node.js calls it: `TLSv1.3`. */
  readonly version: string;
  /** The certificates that the server sent, in its order: the leaf first. */
  readonly certificates: readonly [X509Certificate, ...X509Certificate[]];
}

/** Two chains have the same ones if they are the same certificates in the same order. */
export function fingerprintsOf(certificates: Presentation["certificates"]): string {
  return certificates.map(({ fingerprint256 }) => fingerprint256).join();
}

/**
 * Performs one handshake and returns the certificates that are sent. It verifies neither the chain, nor the
 * names, nor the dates, and accepts old versions of TLS.
 *
 * @throws HandshakeError for every failure, with what the server did instead
 */
export function presentation(options: HandshakeOptions): Promise<Presentation> {
  return withHandshake(options, (secure) => ({
    version: versionOf(secure),
    certificates: certificatesAsSent(secure),
  }));
}

/**
 * Performs one handshake and returns the leaf alone, for callers that keep the answers to thousands of handshakes: a list
 * of 100 KiB takes megabytes of memory.
 *
 * @throws HandshakeError for every failure, with what the server did instead
 */
export function presentedLeaf(options: HandshakeOptions): Promise<Presentation> {
  return withHandshake(options, (secure) => {
    // The leaf of `getPeerX509Certificate` holds all others.
    const leaf: PeerCertificate | null = secure.getPeerCertificate();
    if (leaf?.raw === undefined) throw noCertificate();
    return { version: versionOf(secure), certificates: [new X509Certificate(leaf.raw)] };
  });
}

/** OpenSSL accepts lists of 100 KiB (SSL_CTX_set_max_cert_list(3)), which is fewer. */
const MOST_CERTIFICATES = 1000;

/**
 * In Node.js 20, 22 and 24 `issuerCertificate` is the next certificate that was sent, even if another one issued
 * this one, with every version of TLS. The tests compare it with the bytes on the wire.
 */
function certificatesAsSent(secure: TLSSocket): Presentation["certificates"] {
  const leaf = secure.getPeerX509Certificate();
  if (leaf === undefined) throw noCertificate();
  const others: X509Certificate[] = [];
  for (let next = leaf.issuerCertificate; next !== undefined; next = next.issuerCertificate) {
    if (others.length === MOST_CERTIFICATES) break;
    others.push(next);
  }
  return [leaf, ...others];
}

function versionOf(secure: TLSSocket): string {
  return secure.getProtocol() ?? "unknown";
}

function noCertificate(): HandshakeError {
  return HandshakeError.protocol("handshake", "no certificate was presented");
}
