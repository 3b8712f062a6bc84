import { X509Certificate } from "node:crypto";
import { sha256 } from "../../shared/sha256";

/** Most certificates of a stack are of the same few CAs. */
const known = new Map<string, string | null>();
const MOST_KNOWN = 16;

/**
 * What a CA keeps when it is renewed: a digest of its subject and its public key.
 *
 * @param pem the certificate of the CA
 * @returns null if it cannot be read
 */
export function caIdentity(pem: string): string | null {
  const found = known.get(pem);
  if (found !== undefined) return found;
  if (known.size >= MOST_KNOWN) known.clear();
  const identity = identityIn(pem);
  known.set(pem, identity);
  return identity;
}

function identityIn(pem: string): string | null {
  try {
    const { subject, publicKey } = new X509Certificate(pem);
    const key = publicKey.export({ type: "spki", format: "pem" });
    return sha256(JSON.stringify([subject, key]));
  } catch {
    return null;
  }
}
