import { parseCertificateName, withoutCovered } from "../../../shared/host-name";
import { refuseWrongClock } from "../../acme/clock";
import type { AcmeDirectories } from "../../acme/directories";
import { AcmeFailure } from "../../acme/failure";
import type { Hosts } from "../../host/hosts";
import type { Journal } from "../../journal/journal";
import type { KeyPassphrases } from "../../keys/key-passphrases";
import type { Diagnostics } from "../../protocol/diagnostics";
import type { Outcome } from "../../protocol/resource";
import { readAccountKey } from "../account-key";
import { directoryOf } from "../acme-directory";
import { stateKey } from "../state-key";
import { adoptableNames, adopted } from "./adopted";
import { solverOf } from "./challenge";
import { issuedState } from "./issued-state";
import { provableNow, warnOfDroppedNames } from "./optional-names";
import { ordered } from "./ordered";
import { isDueByBothClocks, warnOfRareRuns } from "./renewal";
import { resumed } from "./resumed";
import type { Attributes, Values } from "./schema";
import type { Wanted } from "./wanted";

export interface IssueContext {
  readonly directories: AcmeDirectories;
  readonly passphrases: KeyPassphrases;
  readonly hosts: Hosts;
  readonly journal: Journal;
  readonly diagnostics: Diagnostics;
  readonly signal: AbortSignal;
  /** Optional names that are kept if DNS does not answer for them. */
  readonly served: readonly string[];
}

/**
 * Obtains the configured certificate.
 *
 * @returns its state, and what is kept beside it; null after an error in the configuration
 * @throws {AcmeFailure}
 */
export async function issueCertificate(
  config: Values,
  prior: Values | null,
  context: IssueContext,
): Promise<Required<Outcome<Attributes>> | null> {
  const wanted = await wantedOf(config, prior, context);
  if (wanted === null) return null;
  await refuseWrongClock(wanted.account.directory, (time) => isDueThere(wanted, time), wanted.signal);
  const obtained = (await resumed(wanted)) ?? (await adopted(wanted)) ?? (await ordered(wanted));
  const issued = await issuedState(wanted, obtained);
  warnOfDroppedNames(config, prior, wanted.names, context.diagnostics);
  warnOfRareRuns(issued.state, context.diagnostics);
  return issued;
}

/** @param time by the CA's clock */
function isDueThere({ config, prior }: Wanted, time: Date): boolean {
  const { run_interval_hours } = config;
  return prior !== null && isDueByBothClocks({ ...prior, run_interval_hours }, time);
}

/** Null after an error in the configuration. @throws {AcmeFailure} */
async function wantedOf(
  config: Values,
  prior: Values | null,
  { directories, passphrases, hosts, journal, diagnostics, signal, served }: IssueContext,
): Promise<Wanted | null> {
  const former = prior && stateKey(prior.private_key_pem, passphrases, diagnostics);
  const accountPem = String(config.account_key_pem);
  const accountKey = readAccountKey(accountPem, passphrases, ["account_key_pem"], diagnostics);
  const solver = solverOf(config.challenge, hosts, directories, diagnostics);
  if (accountKey === null || solver === null || diagnostics.hasErrors) return null;
  const account = directories.account(directoryOf(directories, config), config.account_url, accountKey);
  const provable = await provableFor(config, prior, served, hosts);
  const names = withoutCovered([...config.names, ...provable].map(parseCertificateName));
  const owner = journal.ownerOf(config.state_id);
  const means = { account, solver, journal, owner, passphrases, diagnostics, signal };
  return { config, prior, former, names, provable, ...means };
}

/**
 * The optional names that can be validated. If DNS does not answer, those of the certificate that is to be adopted: nothing has
 * to be validated for it.
 *
 * @throws {AcmeFailure} if DNS does not answer and nothing is to be adopted
 */
async function provableFor(
  config: Values,
  prior: Values | null,
  served: readonly string[],
  hosts: Hosts,
): Promise<readonly string[]> {
  try {
    return await provableNow(config, served, hosts);
  } catch (error) {
    const names = prior === null && error instanceof AcmeFailure ? await adoptableNames(config) : null;
    if (names === null) throw error;
    return (config.optional_names ?? []).filter((name) => names.includes(name));
  }
}
