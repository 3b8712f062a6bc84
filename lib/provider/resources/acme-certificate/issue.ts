import { type KeyObject, X509Certificate } from "node:crypto";
import type { FullChain } from "../../../shared/certificate-facts";
import { type Inspection, inspectCombinedPem } from "../../../shared/combined-pem";
import { NameServerFailure } from "../../../shared/dns/name-servers";
import { certificateErrors } from "../../../shared/errors";
import {
  type CertificateName,
  type HostName,
  hasName,
  isWildcard,
  parseCertificateName,
  withoutCovered,
} from "../../../shared/host-name";
import { rfc3339 } from "../../../shared/time/rfc3339";
import { chainIssuedBy, topIssuers } from "../../acme/chain";
import type { AcmeDirectories } from "../../acme/directories";
import { AcmeFailure } from "../../acme/failure";
import { provableNames } from "../../acme/optional-names";
import { type IssuedChains, orderCertificate } from "../../acme/order";
import { suggestedRenewal } from "../../acme/renewal-information";
import { pause } from "../../acme/timeouts";
import type { Hosts } from "../../host/hosts";
import type { KeyPassphrases } from "../../keys/key-passphrases";
import { ACME } from "../../messages/acme";
import type { Diagnostics } from "../../protocol/diagnostics";
import { generateKey, privateKeyPem } from "../../x509/key-algorithm";
import { directoryOf, readAccountKey } from "../acme-directory";
import { digestsOf } from "../certificate-outputs";
import { DEFAULT_KEY_ALGORITHM } from "../issuance";
import { stateKey } from "../state-key";
import { challengeHosts, challengeType, nameServersOf, solverOf } from "./challenge";
import { renewalByLifetime, timely, warnOfRareRuns } from "./renewal";
import { DEFAULT_CRITICAL_FRACTION, type Values } from "./schema";

export interface IssueContext {
  readonly directories: AcmeDirectories;
  readonly passphrases: KeyPassphrases;
  readonly hosts: Hosts;
  readonly diagnostics: Diagnostics;
  readonly signal: AbortSignal;
  /** Optional names that are kept if DNS does not answer for them. */
  readonly served: readonly string[];
}

/**
 * Orders the configured certificate.
 *
 * @returns null after an error in the configuration
 * @throws {AcmeFailure}
 */
export async function issueCertificate(
  config: Values,
  prior: Values | null,
  { directories, passphrases, hosts, diagnostics, signal, served }: IssueContext,
): Promise<Values | null> {
  const former = prior && stateKey(prior.private_key_pem, passphrases, diagnostics);
  const accountPem = String(config.account_key_pem);
  const accountKey = readAccountKey(accountPem, passphrases, ["account_key_pem"], diagnostics);
  const solver = solverOf(config.challenge, hosts, directories, diagnostics);
  if (accountKey === null || solver === null || diagnostics.hasErrors) return null;
  const directory = directoryOf(directories, config);
  const account = directories.account(directory, config.account_url, accountKey);
  // A certificate of another CA does not count: when all domains move from staging to production, the limits
  // of production apply.
  const isFirst = prior?.directory_url !== config.directory_url;
  const provable = await provableNow(config, served, hosts);
  const names = withoutCovered([...config.names, ...provable].map(parseCertificateName));
  const { key, sealed } = await keyFor(config, prior, former, passphrases);
  const { certificateRequest, renewalInformationId } = await import("../../x509/certificate-request");
  const request = {
    names,
    csr: await certificateRequest(names, key),
    solver,
    profile: config.profile,
    replaces: isFirst ? null : (prior?.renewal_information_id ?? null),
    signal,
  };
  const issued = await account.firstOrders.run(isFirst ? config.max_new_orders_per_run : null, () =>
    orderCertificate(account, request),
  );
  for (const warning of issued.warnings) diagnostics.warning(ACME.challengeLeft, warning);
  await validNow(issued.byDefault, signal);
  const inspection = (pem: string) => inspected(privateKeyPem(key), pem, names);
  const isUsable = (pem: string) => inspection(pem).ok;
  const pem = await chosenChain(issued, isUsable, config, diagnostics);
  const { leaf, chain } = required(inspection(pem));
  warnOfDroppedNames(config, prior, names, diagnostics);
  const id = renewalInformationId(leaf.pem);
  const suggested = id === null ? null : await suggestedRenewal(directory, id);
  const state = {
    ...config,
    ...defaultsOf(config),
    dns_names: names,
    provable_names: [...provable],
    certificate_pem: leaf.pem,
    chain_pem: chain.map(({ pem }) => pem).join(""),
    private_key_pem: sealed,
    ...digestsOf(leaf),
    not_before: rfc3339(leaf.notBefore),
    not_after: rfc3339(leaf.notAfter),
    renew_at: rfc3339(timely(suggested, leaf) ?? renewalByLifetime(leaf)),
    renewal_due: false,
    renewal_information_id: id,
  };
  warnOfRareRuns(state, diagnostics);
  return state;
}

/** Optional attributes that the state shows, with their defaults. */
export function defaultsOf(config: Values): Pick<Values, "key_algorithm" | "critical_fraction"> {
  return {
    key_algorithm: config.key_algorithm ?? DEFAULT_KEY_ALGORITHM,
    critical_fraction: config.critical_fraction ?? DEFAULT_CRITICAL_FRACTION,
  };
}

/** Warns of optional names that the previous certificate had. */
function warnOfDroppedNames(
  { optional_names: optional }: Values,
  prior: Values | null,
  names: readonly string[],
  diagnostics: Diagnostics,
): void {
  const wanted = (optional ?? []).map(parseCertificateName);
  const dropped = wanted.filter((name) => prior?.dns_names?.includes(name) && !hasName(names, name));
  if (dropped.length === 0) return;
  diagnostics.warning(
    ACME.namesDropped,
    `${dropped.join(", ")}: in the previous certificate, but they no longer resolve to the mail hosts, so validation would fail. ` +
      "Correct the DNS records, and the next plan adds them again; or move them to the attribute names.",
    ["optional_names"],
  );
}

/** The optional names that can be validated now. @throws {AcmeFailure} if DNS cannot be queried */
export async function provableNow(
  config: Values,
  served: readonly string[],
  hosts: Hosts,
): Promise<readonly string[]> {
  try {
    return await lookUpOptionalNames(config, served, hosts);
  } catch (error) {
    if (!(error instanceof NameServerFailure)) throw error;
    throw new AcmeFailure(
      `Which of optional_names the certificate can be for could not be determined: ${error.message}.`,
      "Check that this machine can query its DNS servers, and apply again.",
    );
  }
}

/** @throws {NameServerFailure} */
export async function lookUpOptionalNames(
  { names, optional_names: optional, challenge }: Values,
  served: readonly string[],
  hosts: Hosts,
): Promise<readonly string[]> {
  if (optional === null || optional.length === 0) return [];
  const required = names.map(parseCertificateName);
  const type = challengeType(challenge);
  const question = {
    names: required,
    optional: uncovered(optional, required),
    served,
    type,
    hosts: challengeHosts(challenge, hosts),
  };
  return provableNames(question, nameServersOf(challenge));
}

/** The optional names that no wildcard among the names covers. */
export function uncovered(optional: readonly string[], names: readonly CertificateName[]): CertificateName[] {
  return optional.map(parseCertificateName).filter((name) => !hasName(names, name));
}

/** The key to order with, and its form in the state. */
async function keyFor(
  config: Values,
  prior: Values | null,
  former: KeyObject | null,
  passphrases: KeyPassphrases,
): Promise<{ readonly key: KeyObject; readonly sealed: string }> {
  const algorithm = config.key_algorithm ?? DEFAULT_KEY_ALGORITHM;
  if (config.reuse_key === true && former !== null && prior?.key_algorithm === algorithm) {
    return { key: former, sealed: await passphrases.reseal(String(prior.private_key_pem)) };
  }
  const key = await generateKey(algorithm);
  return { key, sealed: await passphrases.seal(key) };
}

/** The preferred chain if the CA offers it and servers can present it; otherwise the CA's default chain. */
async function chosenChain(
  issued: IssuedChains,
  isUsable: (pem: string) => boolean,
  { preferred_chain: preferred }: Values,
  diagnostics: Diagnostics,
): Promise<string> {
  const { byDefault } = issued;
  if (preferred === null || chainIssuedBy([byDefault], preferred) !== undefined) return byDefault;
  // A missing chain is no error: the certificate is issued, and counts towards the CA's limits.
  const { chains, problems } = await issued.alternatives();
  const chosen = chainIssuedBy(chains, preferred);
  if (chosen !== undefined && isUsable(chosen)) return chosen;
  const offered = topIssuers([byDefault, ...chains]).map((name) => JSON.stringify(name));
  const why =
    chosen === undefined
      ? `The CA offers no chain that was issued by ${JSON.stringify(preferred)}. It offers ${offered.join(", ")}.`
      : `No server can present the chain that was issued by ${JSON.stringify(preferred)}.`;
  diagnostics.warning(
    ACME.chainNotOffered,
    [
      why,
      "The CA's default chain is used.",
      ...problems.map((problem) => `Another chain could not be fetched. ${problem}`),
    ].join(" "),
    ["preferred_chain"],
  );
  return byDefault;
}

/** Waits until the certificate is valid: some CAs do not backdate, and clocks differ slightly. */
async function validNow(pem: string, signal: AbortSignal): Promise<void> {
  const missing = Date.parse(new X509Certificate(pem).validFrom) - Date.now();
  if (missing > 0 && missing <= LONGEST_CLOCK_DIFFERENCE_MS) await pause(missing, signal);
}

const LONGEST_CLOCK_DIFFERENCE_MS = 60_000;

/** Checks the CA's certificate like a user's: otherwise the delivery to a host would refuse it later. */
function inspected(keyPem: string, chain: string, names: readonly CertificateName[]): Inspection {
  const hostNames = names.filter((name): name is HostName => !isWildcard(name));
  const inspection = inspectCombinedPem(`${keyPem}${chain}`, { names: hostNames, at: new Date() });
  if (!inspection.ok) return inspection;
  const { dnsNames } = inspection.certificate.leaf;
  const missing = names.filter((name) => !hasName(dnsNames, name));
  return missing.length === 0
    ? inspection
    : { ok: false, problems: [certificateErrors.namesNotCovered(missing, dnsNames)] };
}

function required(inspection: Inspection): FullChain {
  if (inspection.ok) return inspection.certificate;
  const problem = inspection.problems[0]?.problem;
  throw new AcmeFailure(
    `The CA issued a certificate that no server can present: ${problem}`,
    "Check the clock of this machine; if it is right, ask the CA.",
  );
}
