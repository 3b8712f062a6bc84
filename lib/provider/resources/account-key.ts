import type { KeyObject } from "node:crypto";
import { parsedPrivateKey } from "../../shared/parsed-pems";
import { isAccountKey } from "../acme/jws";
import type { KeyPassphrases } from "../keys/key-passphrases";
import { ACME } from "../messages/acme";
import type { Diagnostics } from "../protocol/diagnostics";
import type { AttributePath } from "../protocol/schema/attribute-path";
import { openedKey } from "./state-key";

/** An account key. Null, after an error, if it is not of an accepted type or cannot be decrypted. */
export function readAccountKey(
  pem: string,
  passphrases: KeyPassphrases,
  path: AttributePath,
  diagnostics: Diagnostics,
): KeyObject | null {
  const opened = openedKey(pem, passphrases, path, diagnostics);
  if (opened === null) return null;
  try {
    const key = parsedPrivateKey(opened);
    if (isAccountKey(key)) return key;
  } catch {
    // The error below contains nothing of the key.
  }
  diagnostics.error(
    ACME.notAccountKey,
    "It is not a private key (PEM) of a type that CAs accept. Use ECDSA on P-256, P-384 or P-521, or RSA.",
    path,
  );
  return null;
}
