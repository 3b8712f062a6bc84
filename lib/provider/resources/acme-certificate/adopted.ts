import type { CertificateFacts } from "../../../shared/certificate-facts";
import { MailSniError } from "../../../shared/errors";
import { type CertificateName, parseCertificateName } from "../../../shared/host-name";
import { parsePem } from "../../../shared/pem";
import { renewalByLifetime } from "../../../shared/time/renewal-time";
import { rfc3339 } from "../../../shared/time/rfc3339";
import { chainIssuedBy } from "../../acme/chain";
import { renewalInformation } from "../../acme/renewal-information";
import { readLocalFile, shownPath, Unadoptable } from "../../adoption/local-file";
import { privateKeyIn } from "../../adoption/private-key";
import { ACME } from "../../messages/acme";
import { keyAlgorithmOf, privateKeyPem } from "../../x509/key-algorithm";
import type { ReissueReason } from "../reissue-reason";
import { inspected } from "./presentable-chain";
import { reissueReason } from "./reissue-reason";
import { isRenewalDue, timely } from "./renewal";
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

interface Files {
  readonly certificate: string;
  readonly key: string;
}

/** @throws {Unadoptable} */
async function taken(files: Files, wanted: Wanted): Promise<Obtained> {
  const { config, names, passphrases } = wanted;
  const certificates = certificatesIn(await readLocalFile(files.certificate, { isSecret: false }), files);
  const key = privateKeyIn(await readLocalFile(files.key, { isSecret: true }), files.key, passphrases);
  const algorithm = keyAlgorithmOf(key);
  if (algorithm === null)
    throw new Unadoptable(`The key in ${shownPath(files.key)} is of a type that is not supported.`);
  const inspection = inspected(privateKeyPem(key), certificates, names);
  if (!inspection.ok)
    throw new Unadoptable(`${shownPath(files.certificate)}: ${inspection.problems[0]?.message}`);
  const { leaf } = inspection.certificate;
  const presented = namesOf(leaf, files);
  const preferred = config.preferred_chain;
  if (preferred !== null && chainIssuedBy([certificates], preferred) === undefined)
    throw new Unadoptable(
      `The chain in ${shownPath(files.certificate)} was not issued by ${JSON.stringify(preferred)} (preferred_chain).`,
    );
  const renewal = await renewalAt(leaf, files, wanted);
  refuseOther({ leaf, algorithm, renewal }, files, wanted);
  return {
    fullChain: inspection.certificate,
    sealedKey: await passphrases.seal(key),
    names: presented,
    renewal,
    orderedBy: config.adopt_ordered_by,
  };
}

function certificatesIn(text: string, { certificate }: Files): string {
  const blocks = parsePem(text).blocks.filter(({ label }) => label === "CERTIFICATE");
  if (blocks.length === 0) throw new Unadoptable(`${shownPath(certificate)} contains no certificate (PEM).`);
  return blocks.map((block) => block.text).join("");
}

function namesOf({ dnsNames }: CertificateFacts, { certificate }: Files): readonly CertificateName[] {
  try {
    return dnsNames.map(parseCertificateName);
  } catch (error) {
    if (!(error instanceof MailSniError)) throw error;
    throw new Unadoptable(`${shownPath(certificate)}: ${error.message}`);
  }
}

/** When the CA wants the certificate renewed. @throws {Unadoptable} if it did not issue it */
async function renewalAt(
  leaf: CertificateFacts,
  { certificate }: Files,
  { account: { directory } }: Wanted,
): Promise<Renewal> {
  const { renewalInformationId } = await import("../../x509/certificate-request");
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
  return { id, renewAt: timely(known, leaf) ?? renewalByLifetime(leaf) };
}

interface Found {
  readonly leaf: CertificateFacts;
  readonly algorithm: Exclude<ReturnType<typeof keyAlgorithmOf>, null>;
  readonly renewal: Renewal;
}

/** @throws {Unadoptable} for a certificate that would be replaced at once */
function refuseOther(
  { leaf, algorithm, renewal }: Found,
  { certificate }: Files,
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
