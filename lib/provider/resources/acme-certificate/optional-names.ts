import { NameServerFailure } from "../../../shared/dns/name-servers";
import { type CertificateName, hasName, parseCertificateName } from "../../../shared/host-name";
import { AcmeFailure } from "../../acme/failure";
import { provableNames } from "../../acme/optional-names";
import type { Hosts } from "../../host/hosts";
import { ACME } from "../../messages/acme";
import type { Diagnostics } from "../../protocol/diagnostics";
import { challengeHosts, challengeType, nameServersOf } from "./challenge";
import type { Values } from "./schema";

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

/** Warns of optional names that the previous certificate had. */
export function warnOfDroppedNames(
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
