import { rfc3339 } from "../../../shared/time/rfc3339";
import type { AcmeDirectories } from "../../acme/directories";
import { renewalInformation } from "../../acme/renewal-information";
import { readPair } from "../../adoption/certificate-pair";
import { shownPath, Unadoptable } from "../../adoption/local-file";
import type { KeyPassphrases } from "../../keys/key-passphrases";
import { ACME } from "../../messages/acme";
import type { Diagnostics } from "../../protocol/diagnostics";
import type { Identity, IdentityValues, Outcome } from "../../protocol/resource";
import { directoryOf } from "../acme-directory";
import { identityProblem, imported } from "../import-from-files";
import { foreignState } from "./foreign-state";
import type { Attributes } from "./schema";
import { timely } from "./suggestion";

const FORM =
  'Write it as "DIRECTORY_URL,CERTIFICATE_FILE,KEY_FILE", such as ' +
  '"https://acme-v02.api.letsencrypt.org/directory,/root/fullchain.pem,/root/privkey.pem".';

/** A certificate is found by the CA that issued it, and by its files, of which the identity has the paths alone. */
export const certificateIdentity: Identity<Attributes> = {
  attributes: {
    directory_url: { description: "The URL of the CA's ACME directory.", required: true },
    certificate_file: {
      description: "The file with the certificate and its chain (PEM), on the machine that imports.",
      required: true,
    },
    private_key_file: {
      description: "The file with its private key (PEM), which may be the same.",
      required: true,
    },
  },
  parse(id) {
    const [directory_url, certificate_file, private_key_file, ...others] = id.split(",");
    if (private_key_file === undefined || others.length > 0)
      throw new Error(`The id of a certificate has three parts. ${FORM}`);
    return { directory_url, certificate_file, private_key_file } as IdentityValues;
  },
  of: ({ directory_url }) => ({ directory_url, certificate_file: null, private_key_file: null }),
};

/** The certificate of two files. Null after an error. */
export async function importedCertificate(
  { directory_url: url, certificate_file: certificate, private_key_file: key }: IdentityValues,
  directories: AcmeDirectories,
  passphrases: KeyPassphrases,
  diagnostics: Diagnostics,
): Promise<Outcome<Attributes> | null> {
  const problem = identityProblem(url ?? null, { certificate: certificate ?? null, key: key ?? null });
  if (problem !== null) {
    diagnostics.error(ACME.notImported, `${problem} ${FORM}`);
    return null;
  }
  return imported(async () => {
    const files = { certificate: String(certificate), key: String(key) };
    const pair = await readPair(files, passphrases);
    const state = foreignState(pair, String(url), await passphrases.seal(pair.key));
    const id = state.renewal_information_id;
    const directory = directoryOf(directories, { directory_url: String(url), directory_ca_pem: null });
    const known = id === null ? "not issued here" : await renewalInformation(directory, id);
    if (known === "not issued here")
      throw new Unadoptable(`The CA did not issue ${shownPath(files.certificate)}, or has forgotten it.`);
    const suggested = known === "not offered" ? null : timely(known.at, pair.leaf);
    return { state: suggested === null ? state : { ...state, renew_at: rfc3339(suggested) } };
  }, diagnostics);
}
