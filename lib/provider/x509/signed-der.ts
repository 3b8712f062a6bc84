import { type KeyObject, sign } from "node:crypto";
import { promisify } from "node:util";
import { bitString, oid, sequence } from "../../shared/der-values";
import { usableSigning } from "./web-crypto";

/** A structure with its signature, as certificates (RFC 5280 §4.1) and certificate requests (RFC 2986 §4.2) have it. */
export async function signedDer(toBeSigned: Buffer, key: KeyObject): Promise<Buffer> {
  const digest = usableSigning(key).hash.replace("-", "");
  return sequence(toBeSigned, signatureAlgorithm(key), bitString(await signed(digest, toBeSigned, key)));
}

/** The AlgorithmIdentifier of the signatures of a key. */
export function signatureAlgorithm(key: KeyObject): Buffer {
  return key.asymmetricKeyType === "rsa" ? RSA_WITH_SHA256 : ECDSA_WITH[usableSigning(key).hash];
}

/** Off the main thread: RSA takes milliseconds. */
const signed = promisify<string, Buffer, KeyObject, Buffer>(sign);

const RSA_WITH_SHA256 = sequence(oid("2a864886f70d01010b"), Buffer.of(0x05, 0x00));
const ECDSA_WITH = {
  "SHA-256": sequence(oid("2a8648ce3d040302")),
  "SHA-384": sequence(oid("2a8648ce3d040303")),
  "SHA-512": sequence(oid("2a8648ce3d040304")),
};
