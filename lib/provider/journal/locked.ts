/**
 * An entry whose key the passphrases of this run do not decrypt.
 *
 * @param what was issued for the key: `the certificate`
 */
export function lockedEntry(
  place: string,
  what: string,
): { readonly message: string; readonly remedy: string } {
  return {
    message: `A run that was killed has written ${what}'s key to ${place}, and the passphrases of this run do not decrypt it.`,
    remedy:
      "Set MAIL_SNI_KEY_PASSPHRASE_OLD to the passphrase of that run, for one apply: this run then goes on with its order. Or, if " +
      `it is lost, remove that entry (\`rm\`): then the CA is asked for another one, which counts towards its limits.`,
  };
}
