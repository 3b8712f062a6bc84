import { createHash, createPrivateKey } from "node:crypto";
import { withKeysReplaced } from "../../../shared/encrypted-key";
import { sha256 } from "../../../shared/sha256";
import type { PrivateState } from "../../protocol/resource";
import { privateKeyPem } from "../../x509/key-algorithm";

/**
 * Of PEMs that are on the host: by what is public of them, the hash of the whole. A certificate belongs to one key, so a PEM
 * with the same certificates and an encrypted key is the same on the host, and a plan can tell without opening the key:
 * without the passphrase, in no time, and whatever the key is encrypted with.
 */
export type KnownPems = Readonly<Record<string, string>>;

const ATTRIBUTE = "pems";

export function knownPems(kept: PrivateState): KnownPems {
  return (kept?.[ATTRIBUTE] as KnownPems | undefined) ?? {};
}

/** What private state is to hold of `pems`: no secret, and short, since a state holds it for each resource. */
export function rememberedPems(pems: KnownPems): PrivateState {
  return Object.keys(pems).length > 0 ? { [ATTRIBUTE]: pems } : {};
}

/** @param pems contents with keys that are not encrypted */
export function pemsToKnow(pems: Readonly<Record<string, string>> | null): KnownPems {
  const canonical = [...new Set(Object.values(pems ?? {}))].filter(isCanonical);
  return Object.fromEntries(canonical.map((pem) => [publicPart(pem), hexToBase64Url(sha256(pem))]));
}

/** The hash of what a PEM with an encrypted key is on the host, as in `sha256` of a file. Undefined where that is not known. */
export function knownSha256(pem: string, known: KnownPems): string | undefined {
  const hash = known[publicPart(pem)];
  return hash === undefined ? undefined : Buffer.from(hash, "base64url").toString("hex");
}

function publicPart(pem: string): string {
  const others = withKeysReplaced(pem, () => "(a private key)");
  // 128 bits are enough to tell certificates apart.
  return createHash("sha256").update(others).digest().subarray(0, 16).toString("base64url");
}

/** Whether an encrypted key, once it is opened, would stand there exactly like that. */
function isCanonical(pem: string): boolean {
  try {
    return pem === withKeysReplaced(pem, (block) => privateKeyPem(createPrivateKey(block)).trimEnd());
  } catch {
    return false;
  }
}

function hexToBase64Url(hex: string): string {
  return Buffer.from(hex, "hex").toString("base64url");
}
