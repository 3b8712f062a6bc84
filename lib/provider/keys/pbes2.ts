import { createCipheriv, createHmac, type KeyObject, pbkdf2 } from "node:crypto";
import { promisify } from "node:util";
import { integer, octetString, oid, sequence } from "../../shared/der-values";
import { pemBlock } from "../../shared/pem-block";

/**
 * Ten times the default of `openssl pkcs8`; about 10 ms. The keys are protected by a random passphrase. More
 * rounds would slow down a deploy of hundreds of certificates, and would not make a weak passphrase safe.
 */
const ITERATIONS = 20_000;

/**
 * A private key as encrypted PKCS #8, PEM: PBES2 with PBKDF2 (HMAC-SHA-256) and AES-256-CBC (RFC 8018 §6.2),
 * which every OpenSSL since 1.0 opens.
 *
 * The same key and passphrase give the same text, so that a plan knows it and encrypting again changes
 * nothing. Salt and initialisation vector are derived from the key, as nonces are in RFC 6979. They reveal
 * nothing: the key cannot be guessed, and the passphrase is not an input.
 */
export async function encryptedKeyPem(key: KeyObject, passphrase: string): Promise<string> {
  const plain = key.export({ type: "pkcs8", format: "der" });
  const [salt, iv] = [madeOf(plain, "salt"), madeOf(plain, "initialisation vector")];
  const derived = await promisify(pbkdf2)(passphrase, salt, ITERATIONS, 32, "sha256");
  const cipher = createCipheriv("aes-256-cbc", derived, iv);
  const encrypted = Buffer.concat([cipher.update(plain), cipher.final()]);
  const derivation = sequence(
    PBKDF2,
    sequence(octetString(salt), integer(positive(ITERATIONS)), sequence(HMAC_SHA256, NULL)),
  );
  const scheme = sequence(PBES2, sequence(derivation, sequence(AES_256_CBC, octetString(iv))));
  return pemBlock("ENCRYPTED PRIVATE KEY", sequence(scheme, octetString(encrypted)).toString("base64"));
}

function madeOf(key: Buffer, what: string): Buffer {
  return createHmac("sha256", key)
    .update(`cdktf-mail-sni encrypted private key: ${what}`)
    .digest()
    .subarray(0, 16);
}

/** Object identifiers (RFC 8018, appendix C). */
const PBES2 = oid("2a864886f70d01050d");
const PBKDF2 = oid("2a864886f70d01050c");
const HMAC_SHA256 = oid("2a864886f70d0209");
const AES_256_CBC = oid("60864801650304012a");
const NULL = Buffer.of(0x05, 0x00);

/** The bytes of a positive INTEGER. */
function positive(value: number): Buffer {
  const hex = value.toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  return Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, "hex");
}
