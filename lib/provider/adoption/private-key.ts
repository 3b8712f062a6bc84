import { createPrivateKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { MailSniError } from "../../shared/errors";
import { isRecord } from "../../shared/is-record";
import { parsedPrivateKey } from "../../shared/parsed-pems";
import { parsePem } from "../../shared/pem";
import { isAccountKey } from "../acme/jws";
import type { KeyPassphrases } from "../keys/key-passphrases";
import { shownPath, Unadoptable } from "./local-file";

/** Longer RSA keys take seconds for each signature. No CA takes them. */
const MOST_RSA_BITS = 8192;

/**
 * The private key among the blocks of a PEM.
 *
 * @throws {Unadoptable}
 */
export function privateKeyIn(text: string, path: string, passphrases: KeyPassphrases): KeyObject {
  const keys = parsePem(text).blocks.filter(({ label }) => label.endsWith("PRIVATE KEY"));
  const [block] = keys;
  if (block === undefined || keys.length > 1)
    throw new Unadoptable(
      `${shownPath(path)} contains ${keys.length === 0 ? "no" : "more than one"} private key.`,
    );
  return bounded(opened(block.text, path, passphrases), path);
}

/**
 * The account key of an ACME client: a PEM as dehydrated, lego and acme.sh write it, or the JSON Web Key (RFC 7517)
 * of certbot.
 *
 * @throws {Unadoptable}
 */
export function accountKeyIn(text: string, path: string, passphrases: KeyPassphrases): KeyObject {
  const key = text.trimStart().startsWith("{")
    ? bounded(jsonWebKey(text, path), path)
    : privateKeyIn(text, path, passphrases);
  if (isAccountKey(key)) return key;
  throw new Unadoptable(
    `${shownPath(path)} is not a key that CAs accept for an account: ECDSA on P-256, P-384 or P-521, or RSA.`,
  );
}

function opened(pem: string, path: string, passphrases: KeyPassphrases): KeyObject {
  try {
    return parsedPrivateKey(passphrases.open(pem));
  } catch (error) {
    const why = error instanceof MailSniError ? error.message : "it cannot be read";
    throw new Unadoptable(`The private key in ${shownPath(path)}: ${why}`);
  }
}

function jsonWebKey(text: string, path: string): KeyObject {
  try {
    const jwk: unknown = JSON.parse(text);
    if (isRecord(jwk)) return createPrivateKey({ key: jwk as JsonWebKey, format: "jwk" });
  } catch {
    // The message of the parser would quote the key.
  }
  throw new Unadoptable(`${shownPath(path)} is not a private key: neither a PEM nor a JSON Web Key.`);
}

function bounded(key: KeyObject, path: string): KeyObject {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits <= MOST_RSA_BITS) return key;
  throw new Unadoptable(
    `The key in ${shownPath(path)} has ${bits} bits; the longest that is used has ${MOST_RSA_BITS}.`,
  );
}
