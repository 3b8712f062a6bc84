import { findAccount } from "../../acme/account";
import type { AcmeDirectories } from "../../acme/directories";
import { JwsSigner } from "../../acme/jws";
import { readLocalFile } from "../../adoption/local-file";
import { accountKeyIn } from "../../adoption/private-key";
import type { KeyPassphrases } from "../../keys/key-passphrases";
import { ACME } from "../../messages/acme";
import type { Diagnostics } from "../../protocol/diagnostics";
import type { Identity, IdentityValues, Outcome } from "../../protocol/resource";
import { directoryOf } from "../acme-directory";
import { identityProblem, imported } from "../import-from-files";
import type { AccountAttributes, AccountValues } from "./schema";

const FORM =
  'Write it as "DIRECTORY_URL,KEY_FILE", such as "https://acme-v02.api.letsencrypt.org/directory,/root/account.key".';

/** An account is found by its directory and by its key, of which the identity has the file's path alone. */
export const accountIdentity: Identity<AccountAttributes> = {
  attributes: {
    directory_url: { description: "The URL of the CA's ACME directory.", required: true },
    key_file: {
      description:
        "The file with the account's private key, on the machine that imports: a PEM, or certbot's `private_key.json`.",
      required: true,
    },
    key_thumbprint: {
      description: "The thumbprint of the account's public key (RFC 7638). Not for an import.",
      required: false,
    },
  },
  parse(id) {
    const comma = id.indexOf(",");
    if (comma === -1) throw new Error(`The id of an account has no file of its key. ${FORM}`);
    return { directory_url: id.slice(0, comma), key_file: id.slice(comma + 1), key_thumbprint: null };
  },
  of: ({ directory_url, key_thumbprint }) => ({ directory_url, key_file: null, key_thumbprint }),
};

/** The account of a key, which the state has from then on. Creates none. */
export async function importedAccount(
  { directory_url: url, key_file: file }: IdentityValues,
  directories: AcmeDirectories,
  passphrases: KeyPassphrases,
  diagnostics: Diagnostics,
): Promise<Outcome<AccountAttributes> | null> {
  const problem = identityProblem(url ?? null, { key: file ?? null });
  if (problem !== null) {
    diagnostics.error(ACME.notImported, `${problem} ${FORM}`);
    return null;
  }
  const ca = { directory_url: String(url), directory_ca_pem: null };
  return imported(async () => {
    const path = String(file);
    const key = accountKeyIn(await readLocalFile(path, { isSecret: true }), path, passphrases);
    const found = await findAccount(directoryOf(directories, ca), key);
    if (found === null) return null;
    const { thumbprint } = new JwsSigner(key);
    return {
      state: {
        ...accountState,
        ...ca,
        url: found,
        adopted_url: found,
        key_thumbprint: thumbprint,
        private_key_pem: await passphrases.seal(key),
      },
    };
  }, diagnostics);
}

/** What the state has of an account that was not created by the provider, besides what identifies it. */
export const accountState: Omit<
  AccountValues,
  "directory_url" | "directory_ca_pem" | "url" | "adopted_url" | "key_thumbprint" | "private_key_pem"
> = {
  state_id: null,
  contact: null,
  terms_of_service_agreed: true,
  account_key_pem: null,
  adopt_key_file: null,
  external_account_key_id: null,
  external_account_hmac_key: null,
  deactivate_on_destroy: null,
};
