import { createPublicKey, type KeyObject, webcrypto } from "node:crypto";
import { type Signing, signingOf } from "./key-algorithm";

/** Keys as WebCrypto objects, which the X.509 library requires. */

export function importPrivate(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const pkcs8 = key.export({ format: "der", type: "pkcs8" });
  return webcrypto.subtle.importKey("pkcs8", pkcs8, usableSigning(key), false, ["sign"]);
}

export function importPublic(key: KeyObject): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey("spki", spki(key), usableSigning(key), true, ["verify"]);
}

export function spki(key: KeyObject): Buffer {
  return createPublicKey(key).export({ format: "der", type: "spki" });
}

export function usableSigning(key: KeyObject): Signing {
  const signing = signingOf(key);
  if (signing === null) throw new Error(`Nothing can be signed with a key of type ${key.asymmetricKeyType}.`);
  return signing;
}
