import { createPrivateKey, type KeyObject } from "node:crypto";
import { MailSniError } from "../../shared/errors";
import type { KeyPassphrases } from "../keys/key-passphrases";
import { CERTIFICATE } from "../messages/certificates";
import type { Diagnostics } from "../protocol/diagnostics";
import type { AttributePath } from "../protocol/schema/attribute-path";
import { report } from "./issuance";

/** What all resources that keep a private key say of it. */
export const STATE_KEY =
  "PKCS #8 PEM with a final newline, encrypted where the environment variable `MAIL_SNI_KEY_PASSPHRASE` is set; else it is " +
  "in the state as it is, so keep that accordingly.";

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
 * As `plannedKey`, and opened if there is a passphrase: for keys that much depends on, so that a wrong passphrase is noticed
 * before anything is done.
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
 * The key of the state, for use. Also asked for where a new one is made: whoever cannot open the former one has not the
 * passphrase that the state is kept with. Null after an error.
 */
export function stateKey(
  pem: string | null,
  passphrases: KeyPassphrases,
  diagnostics: Diagnostics,
): KeyObject | null {
  const opened = openedKey(String(pem), passphrases, PATH, diagnostics);
  return opened === null ? null : createPrivateKey(opened);
}

/** PEM of a key that a user may have encrypted, opened. Null after an error. */
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
  report(error, CERTIFICATE.lockedKey, diagnostics, path);
}
