import { createHash, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";

/** The key algorithms that can be generated. All servers and mail clients in use support them. */
export const KEY_ALGORITHMS = ["ECDSA-P256", "ECDSA-P384", "RSA-2048", "RSA-3072", "RSA-4096"] as const;

export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];

/** A new private key. Generated off the main thread: RSA takes up to some seconds. */
export async function generateKey(algorithm: KeyAlgorithm): Promise<KeyObject> {
  const generate = promisify(generateKeyPair);
  const { privateKey } =
    algorithm === "ECDSA-P256" || algorithm === "ECDSA-P384"
      ? await generate("ec", { namedCurve: algorithm === "ECDSA-P256" ? "prime256v1" : "secp384r1" })
      : await generate("rsa", { modulusLength: Number(algorithm.slice("RSA-".length)) });
  return privateKey;
}

/** The algorithm of a key; null if the provider does not generate keys of it. */
export function keyAlgorithmOf({
  asymmetricKeyType: type,
  asymmetricKeyDetails: details,
}: KeyObject): KeyAlgorithm | null {
  const name =
    type === "rsa" ? `RSA-${details?.modulusLength}` : EC_ALGORITHMS.get(details?.namedCurve ?? "");
  return KEY_ALGORITHMS.find((algorithm) => algorithm === name) ?? null;
}

const EC_ALGORITHMS: ReadonlyMap<string, KeyAlgorithm> = new Map([
  ["prime256v1", "ECDSA-P256"],
  ["secp384r1", "ECDSA-P384"],
]);

/** PKCS #8, ended by one newline. */
export function privateKeyPem(key: KeyObject): string {
  return key.export({ format: "pem", type: "pkcs8" }).toString();
}

/** SHA-256 of a private key's SubjectPublicKeyInfo, as in a TLSA record 3 1 1: lower-case hex. */
export function publicKeyDigest(key: KeyObject): string {
  const spki = createPublicKey(key).export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("hex");
}

/** A key's signature algorithm, in WebCrypto's terms. */
export interface Signing {
  readonly name: "ECDSA" | "RSASSA-PKCS1-v1_5";
  /** The digest, which is as strong as the key. */
  readonly hash: "SHA-256" | "SHA-384" | "SHA-512";
  readonly namedCurve?: "P-256" | "P-384" | "P-521";
}

/** Null if certificates cannot be signed with this kind of key. */
export function signingOf(key: KeyObject): Signing | null {
  if (key.asymmetricKeyType === "rsa") return { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  return EC_SIGNING.get(key.asymmetricKeyDetails?.namedCurve ?? "") ?? null;
}

const EC_SIGNING: ReadonlyMap<string, Signing> = new Map([
  ["prime256v1", { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" }],
  ["secp384r1", { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" }],
  ["secp521r1", { name: "ECDSA", namedCurve: "P-521", hash: "SHA-512" }],
]);
