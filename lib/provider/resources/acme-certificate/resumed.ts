import { type KeyObject, X509Certificate } from "node:crypto";
import { MailSniError } from "../../../shared/errors";
import type { CertificateEntry } from "../../../shared/journal/entry";
import { renewalOfIssued } from "../../../shared/time/renewal-time";
import { AcmeFailure } from "../../acme/failure";
import { Unreachable } from "../../acme/https";
import { type IssuedChains, Unfinished } from "../../acme/order";
import { refuseStopped } from "../../acme/timeouts";
import type { WantedCertificate } from "../../journal/fitting";
import { journaledKey, unusableKey } from "../../journal/journaled-key";
import { JOURNAL } from "../../messages/journal";
import { publicKeyDigest } from "../../x509/key-algorithm";
import { defaultsOf } from "./issued-state";
import { fromChains, type Journaled, keptKey, reordered, requestOf, resumedChains } from "./ordered";
import { isUseless } from "./presentable-chain";
import { hasTime } from "./renewal";
import type { Values } from "./schema";
import { subjectOf } from "./title";
import type { Obtained, Wanted } from "./wanted";

/**
 * The certificate that a run has ordered that was killed before its state was saved.
 *
 * @returns null if the journal has none
 * @throws {AcmeFailure}
 */
export async function resumed(wanted: Wanted): Promise<Obtained | null> {
  const { journal, diagnostics, signal } = wanted;
  const issuance = await journal.takeCertificate(question(wanted), diagnostics, signal);
  if (issuance === null) return null;
  const opened = await openedOf(wanted, issuance);
  if (opened === null) return null;
  const journaled = { issuance, ...opened };
  const issued = await finishedChains(wanted, journaled);
  if (
    issued !== null &&
    (isOutdated(issued, issuance.entry, wanted) || isUseless(issued, wanted, opened.key))
  ) {
    await issuance.abandon();
    return null;
  }
  return fromChains(wanted, journaled, issued ?? (await reordered(wanted, journaled)));
}

function question(wanted: Wanted): WantedCertificate {
  const { owner, prior } = wanted;
  const kept = keptKey(wanted);
  return {
    ...owner,
    ...requestOf(wanted),
    prior: prior && {
      publicKey: String(prior.spki_sha256),
      fingerprint: String(prior.fingerprint_sha256),
      notBefore: String(prior.not_before),
    },
    reusedKey: kept && publicKeyDigest(kept),
  };
}

/**
 * The key of an entry. If it cannot be decrypted, another certificate is ordered only if there is no more time: the first one
 * may be issued already.
 *
 * @returns null after a warning
 * @throws {AcmeFailure}
 */
async function openedOf(
  { config, prior, passphrases, diagnostics }: Wanted,
  issuance: Journaled["issuance"],
): Promise<{ readonly key: KeyObject; readonly sealedKey: string } | null> {
  const { entry, place } = issuance;
  const key = journaledKey(issuance, passphrases);
  try {
    if (key !== null && publicKeyDigest(key) === entry.publicKey)
      return { key, sealedKey: await passphrases.reseal(entry.key) };
  } catch (error) {
    if (!(error instanceof MailSniError)) throw error;
  }
  const { message, remedy } = unusableKey(place, "the certificate");
  if (canWait(prior, config)) throw new AcmeFailure(message, remedy);
  diagnostics.warning(
    JOURNAL.locked(subjectOf(config)),
    `${message} The current certificate expires soon, so another one is ordered. ${remedy}`,
  );
  return null;
}

/**
 * What the order of an entry leads to. One that the CA does not finish is given up only if there is no more time: the next one may take
 * as long, or fail as well.
 *
 * @returns null if nothing can come of it, or after a warning
 * @throws {AcmeFailure}
 */
async function finishedChains(wanted: Wanted, journaled: Journaled): Promise<IssuedChains | null> {
  const { config, prior, diagnostics, signal } = wanted;
  try {
    return await resumedChains(wanted, journaled);
  } catch (error) {
    if (!isAboutOrder(error) || canWait(prior, config)) throw error;
    refuseStopped(signal);
    diagnostics.warning(
      JOURNAL.unfinished(subjectOf(config)),
      `${error.message} The current certificate expires soon, so another one is ordered.`,
    );
    return null;
  }
}

/** Whether a CA does not finish an order, or fails over it. What it refuses, it would refuse of the next one, too. */
function isAboutOrder(error: unknown): error is AcmeFailure {
  if (error instanceof Unfinished || error instanceof Unreachable) return true;
  return error instanceof AcmeFailure && error.problem?.kind === "serverInternal";
}

/** Whether the next apply can try again. A first certificate replaces nothing that expires. */
function canWait(prior: Values | null, config: Values): boolean {
  const term = prior && { ...prior, ...defaultsOf(config), run_interval_hours: config.run_interval_hours };
  return term === null || hasTime(term);
}

/** Whether another certificate is needed: this one is due, or older than the current one. */
function isOutdated(
  { byDefault }: IssuedChains,
  { begunAt }: Pick<CertificateEntry, "begunAt">,
  { prior }: Wanted,
): boolean {
  const { validFrom, validTo } = new X509Certificate(byDefault);
  const lifetime = { notBefore: new Date(validFrom), notAfter: new Date(validTo) };
  const isOlder = prior !== null && +lifetime.notBefore < Date.parse(String(prior.not_before));
  return isOlder || Date.now() >= +renewalOfIssued(lifetime, new Date(begunAt));
}
