import type { KeyObject } from "node:crypto";
import { MailSniError } from "../../shared/errors";
import { parsedPrivateKey } from "../../shared/parsed-pems";
import type { KeyPassphrases } from "../keys/key-passphrases";
import { CERTIFICATE } from "../messages/certificates";
import type { Diagnostics } from "../protocol/diagnostics";
import type { AttributePath } from "../protocol/schema/attribute-path";
import { reportError } from "./error-reports";

/** The description that all resources share for a private key in the state. */
export const STATE_KEY =
  "PKCS #8 PEM with a final newline, encrypted if the environment variable `MAIL_SNI_KEY_PASSPHRASE` " +
  "is set. Otherwise the state contains it in plain text, so protect the state accordingly.";

const PATH = ["private_key_pem"];

/**
 * The planned key of the state: encrypted again if the passphrase has changed, else unchanged. If encryption
 * is not possible, there is an error and the key stays unchanged.
 */
export async function plannedKey(
  pem: string,
  passphrases: KeyPassphrases,
  diagnostics: Diagnostics,
): Promise<string> {
  try {
    return await passphrases.reseal(pem);
  } catch (error) {
    reportKey(error, diagnostics, PATH);
    return pem;
  }
}

/**
 * Like `plannedKey`, and also decrypts the key if there is a passphrase: so that a wrong passphrase for an
 * issuer's key is reported in the plan.
 */
export async function plannedIssuerKey(
  pem: string,
  passphrases: KeyPassphrases,
  diagnostics: Diagnostics,
): Promise<string> {
  const planned = await plannedKey(pem, passphrases, diagnostics);
  if (passphrases.areGivenForState && !diagnostics.hasErrors)
    openedKey(planned, passphrases, PATH, diagnostics);
  return planned;
}

/**
 * Decrypts the key of the state. Also called before a new key is made: if the passphrase does not fit the old
 * key, it is wrong for the state. Null after an error.
 */
export function stateKey(
  pem: string | null,
  passphrases: KeyPassphrases,
  diagnostics: Diagnostics,
): KeyObject | null {
  const opened = openedKey(String(pem), passphrases, PATH, diagnostics);
  if (opened === null) return null;
  try {
    return parsedPrivateKey(opened);
  } catch {
    // OpenSSL's message says nothing to a user.
    diagnostics.error(CERTIFICATE.damagedKey, DAMAGED, PATH);
    return null;
  }
}

const DAMAGED =
  "What the state has is not a private key. Restore a copy of the state; or remove the resource from it " +
  "(`terraform state rm ADDRESS`), and apply: it is created again, with another key.";

/** Decrypts the PEM of a key if it is encrypted. Null after an error. */
export function openedKey(
  pem: string,
  passphrases: KeyPassphrases,
  path: AttributePath,
  diagnostics: Diagnostics,
): string | null {
  try {
    return passphrases.open(pem);
  } catch (error) {
    reportKey(error, diagnostics, path);
    return null;
  }
}

function reportKey(error: unknown, diagnostics: Diagnostics, path: AttributePath): void {
  if (!(error instanceof MailSniError)) throw error;
  reportError(error, CERTIFICATE.lockedKey, diagnostics, path);
}
