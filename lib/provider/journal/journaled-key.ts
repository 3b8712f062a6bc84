import { createPrivateKey, type KeyObject } from "node:crypto";
import { MailSniError } from "../../shared/errors";
import type { JournalEntry } from "../../shared/journal/entry";
import type { KeyPassphrases } from "../keys/key-passphrases";
import type { Issuance } from "./issuance";

/** The key of an entry; null if the passphrases of this run do not decrypt it, or if it is damaged. */
export function journaledKey(
  { entry, isAuthentic }: Pick<Issuance<JournalEntry>, "entry" | "isAuthentic">,
  passphrases: KeyPassphrases,
): KeyObject | null {
  if (!isAuthentic) return null;
  try {
    return createPrivateKey(passphrases.open(entry.key));
  } catch (error) {
    if (error instanceof MailSniError || isOfOpenSsl(error)) return null;
    throw error;
  }
}

function isOfOpenSsl(error: unknown): boolean {
  return String((error as NodeJS.ErrnoException).code).startsWith("ERR_OSSL_");
}

/**
 * The message and the remedy for an entry whose key cannot be used.
 *
 * @param place of the entry, as the journal names it
 * @param what was issued for the key: `the certificate`
 */
export function unusableKey(
  place: string,
  what: string,
): { readonly message: string; readonly remedy: string } {
  return {
    message: `A run that was killed has written ${what}'s key to ${place}, and it is damaged, or the passphrases of this run do not decrypt it.`,
    remedy:
      "Set MAIL_SNI_KEY_PASSPHRASE_OLD to the passphrase of that run, for one apply: this run then goes on with its order. Or, if " +
      `it is lost or the key is damaged, remove that entry (the file, or its lines on the host): then the CA is asked for another one, which counts towards its limits.`,
  };
}
