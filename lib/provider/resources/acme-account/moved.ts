import { JwsSigner } from "../../acme/jws";
import { Unadoptable } from "../../adoption/local-file";
import { accountKeyIn } from "../../adoption/private-key";
import type { KeyPassphrases } from "../../keys/key-passphrases";
import { ACME } from "../../messages/acme";
import type { Diagnostics } from "../../protocol/diagnostics";
import type { Outcome } from "../../protocol/resource";
import { privateKeyPem } from "../../x509/key-algorithm";
import { isOfAcmeProvider, sourceText, sourceUrl } from "../acme-provider";
import { accountState } from "./imported";
import type { AccountAttributes } from "./schema";

/** Whether it is a resource of the provider vancluever/acme that is an account. */
export function isRegistration(typeName: string, providerAddress: string): boolean {
  return typeName === "acme_registration" && isOfAcmeProvider(providerAddress);
}

/** The account of an `acme_registration`, whose key the state has from then on. Null after an error. */
export function movedAccount(
  source: Readonly<Record<string, unknown>>,
  passphrases: KeyPassphrases,
  diagnostics: Diagnostics,
): Outcome<AccountAttributes> | null {
  try {
    const { url, origin } = sourceUrl(source, "registration_url");
    const key = accountKeyIn(sourceText(source, "account_key_pem"), "account_key_pem", passphrases);
    const email = source.email_address;
    const contact = typeof email === "string" && email !== "" && email.length < 1000 ? [email] : null;
    return {
      state: {
        ...accountState,
        contact,
        directory_url: origin,
        directory_ca_pem: null,
        url,
        adopted_url: url,
        key_thumbprint: new JwsSigner(key).thumbprint,
        private_key_pem: privateKeyPem(key),
      },
    };
  } catch (error) {
    if (!(error instanceof Unadoptable)) throw error;
    diagnostics.error(ACME.notMoved, error.message);
    return null;
  }
}
