import { createHash } from "node:crypto";
import { withKeysReplaced } from "../../../shared/encrypted-key";
import { parsedPrivateKey } from "../../../shared/parsed-pems";
import { sha256 } from "../../../shared/sha256";
import type { PrivateState } from "../../protocol/resource";
import { privateKeyPem } from "../../x509/key-algorithm";

/**
 * Hashes of the PEMs on the host, by their public part. A certificate belongs to one key, so a PEM with the
 * same certificates and an encrypted key has the same contents on the host. A plan knows its hash without
 * decrypting the key.
 */
export type KnownPems = Readonly<Record<string, string>>;

const ATTRIBUTE = "pems";

export function knownPems(kept: PrivateState): KnownPems {
  return (kept?.[ATTRIBUTE] as KnownPems | undefined) ?? {};
}

/** The form of `pems` in private state: no secrets, and short because a state has one for each resource. */
export function rememberedPems(pems: KnownPems): PrivateState {
  return Object.keys(pems).length > 0 ? { [ATTRIBUTE]: pems } : {};
}

/** @param pems with unencrypted keys */
export function pemsToKnow(pems: Readonly<Record<string, string>> | null): KnownPems {
  const canonical = [...new Set(Object.values(pems ?? {}))].filter(isCanonical);
  return Object.fromEntries(canonical.map((pem) => [publicPart(pem), hexToBase64Url(sha256(pem))]));
}

/** The `sha256` that a PEM with an encrypted key has on the host; undefined if it is not known. */
export function knownSha256(pem: string, known: KnownPems): string | undefined {
  const hash = known[publicPart(pem)];
  return hash === undefined ? undefined : Buffer.from(hash, "base64url").toString("hex");
}

function publicPart(pem: string): string {
  const others = withKeysReplaced(pem, () => "(a private key)");
  // 128 bits are enough to distinguish certificates.
  return createHash("sha256").update(others).digest().subarray(0, 16).toString("base64url");
}

/** Whether decrypting the key's encrypted form would give exactly this text. */
function isCanonical(pem: string): boolean {
  try {
    return pem === withKeysReplaced(pem, (block) => privateKeyPem(parsedPrivateKey(block)).trimEnd());
  } catch {
    return false;
  }
}

function hexToBase64Url(hex: string): string {
  return Buffer.from(hex, "hex").toString("base64url");
}
