import { OUTPUTS_OF_ISSUE } from "../../../shared/acme/issue-outputs";
import { NameServerFailure } from "../../../shared/dns/name-servers";
import { parseCertificateName } from "../../../shared/host-name";
import { rfc3339 } from "../../../shared/time/rfc3339";
import { timeAhead, WrongClock } from "../../acme/clock";
import type { AcmeDirectories } from "../../acme/directories";
import { AcmeFailure } from "../../acme/failure";
import { suggestedRenewal } from "../../acme/renewal-information";
import { revoke } from "../../acme/revocation";
import type { Hosts } from "../../host/hosts";
import type { Journal } from "../../journal/journal";
import { Journals } from "../../journal/journals";
import type { KeyPassphrases } from "../../keys/key-passphrases";
import { ACME } from "../../messages/acme";
import type { Diagnostics } from "../../protocol/diagnostics";
import { defineResource, type PrivateState } from "../../protocol/resource";
import { isUnknown, UNKNOWN } from "../../protocol/values/unknown";
import { directoryOf } from "../acme-directory";
import { reportFailure } from "../error-reports";
import { DEFAULT_KEY_ALGORITHM } from "../issuance";
import { appliedReason, type PlannedReason } from "../reissue-reason";
import { plannedKey, stateKey } from "../state-key";
import { certificateIdentity, importedCertificate } from "./imported";
import { issueCertificate } from "./issue";
import { defaultsOf } from "./issued-state";
import { isAcmeCertificate, movedCertificate } from "./moved";
import { lookUpOptionalNames, provableNow, uncovered } from "./optional-names";
import { canWait, reissueReason } from "./reissue-reason";
import { hasTime, isRenewalDue, warnOfRareRuns } from "./renewal";
import { type Attributes, attributes, type Config, DEFAULT_CRITICAL_FRACTION, type Values } from "./schema";
import { type Decision, decision, warnOfIgnored } from "./suggestion";
import { faultOf, subjectOf } from "./title";
import { validate } from "./validation";

/** `mailsni_acme_certificate`. Depends on the provider's hosts if the challenge uses them. */
export function acmeCertificate(
  directories: AcmeDirectories,
  passphrases: KeyPassphrases,
  journals = new Journals(),
) {
  return defineResource<Attributes, Hosts>({
    schema: {
      version: 0,
      description:
        "A certificate that is ordered from a CA over ACME (RFC 8555). Every change is made in place: the " +
        "old certificate stays in the state and on the hosts until the new one is issued. A renewal that " +
        "fails is a warning while there is time. Certificates are only revoked if `revoke_on_destroy` is set.",
      attributes,
    },

    validate({ config, diagnostics }) {
      validate(config, passphrases, diagnostics);
    },

    async plan({ config, prior, planned, provider: hosts, diagnostics }) {
      if (prior !== null) await crossOut(journals.of(hosts), prior);
      planned.renewal_due = false;
      planned.key_algorithm = config.key_algorithm ?? DEFAULT_KEY_ALGORITHM;
      planned.critical_fraction = config.critical_fraction ?? DEFAULT_CRITICAL_FRACTION;
      planned.reissue_reason = prior?.reissue_reason ?? null;
      if (prior === null) return;
      const reason = reissueReason(prior, planned);
      if (reason !== null) {
        planned.reissue_reason = reason;
        for (const name of OUTPUTS_OF_ISSUE) planned[name] = UNKNOWN;
      }
      if (reason !== null && !keepsKey(prior, planned)) return;
      planned.private_key_pem = await plannedKey(String(prior.private_key_pem), passphrases, diagnostics);
      planned.spki_sha256 = prior.spki_sha256;
    },

    async create({ config, provider: hosts, diagnostics, signal }) {
      try {
        return await issueCertificate(config, null, {
          directories,
          passphrases,
          hosts,
          journal: journals.of(hosts),
          diagnostics,
          signal,
          served: [],
        });
      } catch (error) {
        reportFailure(
          error,
          (failure) => ACME.noCertificate(subjectOf(config), faultOf(config, failure)),
          diagnostics,
        );
        return null;
      }
    },

    identity: certificateIdentity,

    import: ({ identity, diagnostics }) =>
      importedCertificate(identity, directories, passphrases, diagnostics),

    move: ({ typeName, providerAddress, state, diagnostics }) =>
      isAcmeCertificate(typeName, providerAddress) ? movedCertificate(state, passphrases, diagnostics) : null,

    async read({ prior, private: kept, provider: hosts, diagnostics }) {
      const [renewal, provable] = await Promise.all([
        renewalDecision(prior, kept, directories),
        provableNames(prior, hosts, diagnostics),
        crossOut(journals.of(hosts), prior),
      ]);
      const { renewAt, remembered, caTime } = renewal;
      const state = { ...prior, renew_at: renewAt && rfc3339(renewAt), provable_names: provable };
      warnOfIgnored(renewal, prior, diagnostics);
      warnOfRareRuns(state, diagnostics);
      // By a clock here that is far behind, it would expire before anything is asked of the CA.
      const now = +(caTime ?? Date.now());
      return { state: { ...state, renewal_due: isRenewalDue(state, now) }, private: remembered };
    },

    async update({ config, planned, prior, provider: hosts, diagnostics, signal }) {
      const key = isUnknown(planned.private_key_pem) ? prior.private_key_pem : planned.private_key_pem;
      const kept = { ...withoutIssue(config, prior), private_key_pem: key };
      const applied = (state: Values, reason: PlannedReason) => ({
        state: {
          ...state,
          reissue_reason: appliedReason(planned.reissue_reason, reason, prior.reissue_reason),
        },
      });
      if (!isUnknown(planned.certificate_pem)) return applied(kept, null);
      const term = { ...prior, ...defaultsOf(config), run_interval_hours: config.run_interval_hours };
      try {
        const served = hasTime(term) ? (prior.dns_names ?? []) : [];
        const provable = await provableNow(config, served, hosts);
        const reason = reissueReason(prior, config, provable);
        if (reason === null) return applied({ ...kept, provable_names: [...provable] }, null);
        const journal = journals.of(hosts);
        const context = { directories, passphrases, hosts, journal, diagnostics, signal, served };
        const issued = await issueCertificate(config, prior, context);
        return issued && { ...applied(issued.state, reason), private: issued.private };
      } catch (error) {
        const reason = reissueReason(prior, config);
        // By a clock that is behind, a certificate seems to have more time than it has.
        const now = Math.max(Date.now(), error instanceof WrongClock ? +error.caTime : 0);
        if (error instanceof AcmeFailure && canWait(reason) && hasTime(term, now)) {
          warnOfRenewal(error, prior, diagnostics);
          return applied(kept, reason);
        }
        reportFailure(
          error,
          (failure) => ACME.noNewCertificate(subjectOf(config), faultOf(config, failure)),
          diagnostics,
        );
        return null;
      }
    },

    async delete({ prior, provider: hosts, diagnostics }) {
      await crossOut(journals.of(hosts), prior);
      // No client trusts an expired certificate, and CAs refuse to revoke it.
      if (prior.revoke_on_destroy === null || Date.now() >= Date.parse(String(prior.not_after))) return;
      const key = stateKey(prior.private_key_pem, passphrases, diagnostics);
      if (key === null) return;
      try {
        const reason = prior.revoke_on_destroy;
        await revoke(directoryOf(directories, prior), String(prior.certificate_pem), key, reason);
      } catch (error) {
        reportFailure(error, ACME.notRevoked, diagnostics);
      }
    },
  });
}

/** A saved state has the certificate: its entry in the journal is no longer needed, and neither are those of earlier ones. */
async function crossOut(journal: Journal, prior: Values): Promise<void> {
  const { fingerprint_sha256: fingerprint, spki_sha256: publicKey } = prior;
  await journal.crossOut(
    { fingerprint, publicKey, account: null },
    {
      ...journal.ownerOf(prior.state_id),
      directory: prior.directory_url,
      names: prior.dns_names ?? prior.names,
      keyAlgorithm: prior.key_algorithm ?? DEFAULT_KEY_ALGORITHM,
      profile: prior.profile,
      notBefore: String(prior.not_before),
    },
  );
}

function keepsKey(prior: Values, planned: Config): boolean {
  return planned.reuse_key === true && planned.key_algorithm === prior.key_algorithm;
}

/** The new configuration with the existing certificate. */
function withoutIssue(config: Values, prior: Values): Values {
  const outputs = Object.fromEntries(OUTPUTS_OF_ISSUE.map((name) => [name, prior[name]]));
  return { ...config, ...defaultsOf(config), ...outputs, renewal_due: false };
}

function warnOfRenewal(failure: AcmeFailure, prior: Values, diagnostics: Diagnostics): void {
  const { not_after: until } = prior;
  const next =
    failure.retryAt === undefined ? "The next apply" : `An apply after ${rfc3339(failure.retryAt)}`;
  diagnostics.warning(
    ACME.notRenewed(subjectOf(prior), faultOf(prior, failure)),
    `${failure.message} ${failure.remedy} The current certificate stays in use; it is valid until ${until}. ${next} tries again.`,
  );
}

/** The renewal time by the CA's current suggestion, or the previous one; and the CA's time, if the clock here is far behind. */
async function renewalDecision(
  prior: Values,
  kept: PrivateState,
  directories: AcmeDirectories,
): Promise<Decision & { readonly caTime: Date | null }> {
  const { renewal_information_id: id, renew_at: before } = prior;
  const directory = directoryOf(directories, prior);
  const suggested = id === null ? null : await suggestedRenewal(directory, id);
  const lifetime = {
    notBefore: new Date(String(prior.not_before)),
    notAfter: new Date(String(prior.not_after)),
  };
  const decided = decision(suggested, lifetime, before === null ? null : new Date(before), kept);
  return { ...decided, caTime: await timeAhead(directory, suggested?.saidAt ?? null) };
}

async function provableNames(
  prior: Values,
  hosts: Hosts,
  diagnostics: Diagnostics,
): Promise<string[] | null> {
  try {
    const optional = uncovered(prior.optional_names ?? [], prior.names.map(parseCertificateName));
    // Names for which DNS does not answer keep their previous result.
    const provable = await lookUpOptionalNames(prior, optional, hosts);
    const lost = optional.filter((name) => prior.dns_names?.includes(name) && !provable.includes(name));
    if (lost.length > 0) warnOfLostNames(lost, diagnostics);
    return [...provable];
  } catch (error) {
    if (!(error instanceof NameServerFailure)) throw error;
    return prior.provable_names;
  }
}

function warnOfLostNames(names: readonly string[], diagnostics: Diagnostics): void {
  diagnostics.warning(
    ACME.namesDroppedNext,
    `${names.join(", ")}: in the certificate, but they no longer resolve to the mail hosts, so validation would fail. At its ` +
      "renewal the certificate will have the other names only. Correct the DNS records before then, or move them to the attribute names, " +
      "so that nothing is renewed without them.",
    ["optional_names"],
  );
}
