import type { CertificateFacts } from "../../../shared/certificate-facts";
import { renewalByLifetime } from "../../../shared/time/renewal-time";
import { rfc3339 } from "../../../shared/time/rfc3339";
import { chainIssuedBy } from "../../acme/chain";
import { renewalInformation } from "../../acme/renewal-information";
import { type CertificatePair, type PairFiles, readNames, readPair } from "../../adoption/certificate-pair";
import { shownPath, Unadoptable } from "../../adoption/local-file";
import { ACME } from "../../messages/acme";
import { privateKeyPem } from "../../x509/key-algorithm";
import { renewalInformationId } from "../../x509/renewal-information-id";
import type { ReissueReason } from "../reissue-reason";
import { inspected } from "./presentable-chain";
import { reissueReason } from "./reissue-reason";
import { isRenewalDue } from "./renewal";
import type { Values } from "./schema";
import { timely } from "./suggestion";
import { subjectOf } from "./title";
import type { Obtained, Renewal, Wanted } from "./wanted";

/**
 * The certificate of the files that the configuration names, if it is what an order would give. Null, after a warning, if it is
 * not; null without one if there are no such files, or if the resource exists already.
 *
 * @throws {AcmeFailure} if the CA cannot be asked whether it issued the certificate: it could not be asked for another either
 */
export async function adopted(wanted: Wanted): Promise<Obtained | null> {
  const { config, prior, diagnostics } = wanted;
  const { adopt_certificate_file: certificate, adopt_private_key_file: key } = config;
  if (prior !== null || certificate === null || key === null) return null;
  try {
    return await taken({ certificate, key }, wanted);
  } catch (error) {
    if (!(error instanceof Unadoptable)) throw error;
    diagnostics.warning(
      ACME.notAdopted(subjectOf(config)),
      `${error.message} A new certificate is ordered instead.`,
      ["names"],
    );
    return null;
  }
}

/** The names of the certificate that the configuration has adopted; null if no file can be read. */
export async function adoptableNames({
  adopt_certificate_file: certificate,
  adopt_private_key_file: key,
}: Values): Promise<readonly string[] | null> {
  if (certificate === null || key === null) return null;
  try {
    return await readNames(certificate);
  } catch (error) {
    if (error instanceof Unadoptable) return null;
    throw error;
  }
}

/** @throws {Unadoptable} */
async function taken(files: PairFiles, wanted: Wanted): Promise<Obtained> {
  const { config, names, passphrases } = wanted;
  const pair = await readPair(files, passphrases);
  const certificates = [pair.leaf.pem, ...pair.chain].join("");
  const inspection = inspected(privateKeyPem(pair.key), certificates, names);
  if (!inspection.ok)
    throw new Unadoptable(`${shownPath(files.certificate)}: ${inspection.problems[0]?.message}`);
  const preferred = config.preferred_chain;
  if (preferred !== null && chainIssuedBy([certificates], preferred) === undefined)
    throw new Unadoptable(
      `The chain in ${shownPath(files.certificate)} was not issued by ${JSON.stringify(preferred)} (preferred_chain).`,
    );
  const renewal = await renewalAt(pair.leaf, files, wanted);
  refuseOther(pair, renewal, files, wanted);
  return {
    fullChain: inspection.certificate,
    sealedKey: await passphrases.seal(pair.key),
    names: pair.names,
    renewal,
    orderedBy: config.adopt_ordered_by,
  };
}

/** When the CA wants the certificate renewed. @throws {Unadoptable} if it did not issue it */
async function renewalAt(
  leaf: CertificateFacts,
  { certificate }: PairFiles,
  { account: { directory } }: Wanted,
): Promise<Renewal & { readonly renewAt: Date }> {
  const id = renewalInformationId(leaf.pem);
  const known = id === null ? "not issued here" : await renewalInformation(directory, id);
  if (known === "not offered")
    throw new Unadoptable(
      `Whether this CA issued ${shownPath(certificate)} is not known: its directory offers no renewal information (RFC 9773).`,
    );
  if (known === "not issued here")
    throw new Unadoptable(
      `The CA did not issue ${shownPath(certificate)}, which ${JSON.stringify(leaf.issuer)} issued, or has forgotten it.`,
    );
  return { id, renewAt: timely(known.at, leaf) ?? renewalByLifetime(leaf) };
}

/** @throws {Unadoptable} for a certificate that would be replaced at once */
function refuseOther(
  { leaf, algorithm }: CertificatePair,
  renewal: { readonly renewAt: Date },
  { certificate }: PairFiles,
  { config, provable }: Wanted,
): void {
  const term = {
    not_before: rfc3339(leaf.notBefore),
    not_after: rfc3339(leaf.notAfter),
    renew_at: rfc3339(renewal.renewAt),
    run_interval_hours: config.run_interval_hours,
    critical_fraction: config.critical_fraction,
  };
  const present = {
    ...config,
    key_algorithm: algorithm,
    dns_names: [...leaf.dnsNames],
    provable_names: [...provable],
    renewal_due: isRenewalDue(term),
  };
  const reason = reissueReason(present, config, provable);
  if (reason === null) return;
  const words: Partial<Record<ReissueReason, string>> = {
    key: `has a key of the type ${algorithm}, and the configuration asks for another one`,
    names: `is for other names than the configuration: ${leaf.dnsNames.join(", ")}`,
    due: `is due for renewal since ${term.renew_at}`,
    "optional names": `lacks names of optional_names that can be validated: it is for ${leaf.dnsNames.join(", ")}`,
  };
  throw new Unadoptable(
    `${shownPath(certificate)} ${words[reason as ReissueReason] ?? "does not fit the configuration"}.`,
  );
}
