import type { KeyObject } from "node:crypto";
import type { CertificateEntry } from "../../../shared/journal/entry";
import { sha256 } from "../../../shared/sha256";
import { rfc3339 } from "../../../shared/time/rfc3339";
import { type IssuedChains, type OrderRequest, orderCertificate, resumeOrder } from "../../acme/order";
import { refuseStopped } from "../../acme/timeouts";
import type { Begun, Issuance } from "../../journal/issuance";
import { ACME } from "../../messages/acme";
import { certificateRequest } from "../../x509/certificate-request";
import { generateKey, type KeyAlgorithm, publicKeyDigest } from "../../x509/key-algorithm";
import { isSameDirectory } from "../acme-directory";
import { DEFAULT_KEY_ALGORITHM } from "../issuance";
import { presentableChain } from "./presentable-chain";
import type { Obtained, Wanted } from "./wanted";

/** What the journal holds of a certificate, with its key for use. */
export interface Journaled {
  readonly issuance: Issuance<CertificateEntry>;
  readonly key: KeyObject;
  /** The key as the state contains it. */
  readonly sealedKey: string;
}

/** Orders the certificate at the CA. @throws {AcmeFailure} */
export async function ordered(wanted: Wanted): Promise<Obtained> {
  const { journaled, issued } = await withinLimit(wanted, async () => {
    const journaled = await begun(wanted);
    return { journaled, issued: await newChains(wanted, journaled) };
  });
  return fromChains(wanted, journaled, issued);
}

/** Writes down what is about to be ordered: nothing for an order that is deferred. */
async function begun(wanted: Wanted): Promise<Journaled> {
  refuseStopped(wanted.signal);
  const { key, sealedKey } = await keyFor(wanted);
  // A key takes seconds on a slow machine. The next run may have read the journal meanwhile.
  refuseStopped(wanted.signal);
  const entry = entryFor(wanted, key, sealedKey);
  const issuance = await wanted.journal.begin<CertificateEntry>(entry, wanted.diagnostics);
  return { issuance, key, sealedKey };
}

/** What the order of a journal's entry leads to: null if nothing can come of it. @throws {AcmeFailure} */
export async function resumedChains(wanted: Wanted, journaled: Journaled): Promise<IssuedChains | null> {
  const { order } = journaled.issuance.entry;
  return order === null ? null : resumeOrder(wanted.account, await requestFor(wanted, journaled), order);
}

/** A new order with the key of a journal's entry, within the limit. @throws {AcmeFailure} */
export function reordered(wanted: Wanted, journaled: Journaled): Promise<IssuedChains> {
  return withinLimit(wanted, () => newChains(wanted, journaled));
}

async function newChains(wanted: Wanted, journaled: Journaled): Promise<IssuedChains> {
  return orderCertificate(wanted.account, await requestFor(wanted, journaled));
}

/** @throws {AcmeFailure} if the order is deferred */
function withinLimit<T>(wanted: Wanted, order: () => Promise<T>): Promise<T> {
  const { config, account } = wanted;
  return account.firstOrders.run(isFirst(wanted) ? config.max_new_orders_per_run : null, order);
}

/** @throws {AcmeFailure} if no server can present what the CA has issued */
export async function fromChains(
  wanted: Wanted,
  { issuance, key, sealedKey }: Journaled,
  issued: IssuedChains,
): Promise<Obtained> {
  for (const warning of issued.warnings) wanted.diagnostics.warning(ACME.challengeLeft, warning);
  const fullChain = await presentableChain(issued, wanted, key);
  const { fingerprintSha256: fingerprint, notBefore, notAfter } = fullChain.leaf;
  const leaf = { fingerprint, notBefore: rfc3339(notBefore), notAfter: rfc3339(notAfter) };
  // Not synced: without it, the order leads to the same certificate.
  await issuance.note({ leaf }, { isSynced: false });
  return { fullChain, sealedKey, orderedBy: wanted.config.account_url };
}

/** What an entry has to have in common with the resource. */
export function requestOf(wanted: Wanted) {
  const { config, prior, names, account } = wanted;
  return {
    directory: config.directory_url,
    account: account.signer.thumbprint,
    names: [...names].sort(),
    keyAlgorithm: algorithmOf(wanted),
    profile: config.profile,
    reissue: config.reissue === null ? null : sha256(config.reissue),
    replaces: prior?.renewal_information_id ?? null,
  };
}

/** The key of the state, if the certificate keeps it. */
export function keptKey({ config, prior, former }: Wanted): KeyObject | null {
  const isKept = config.reuse_key === true && prior?.key_algorithm === algorithmOf({ config });
  return isKept ? former : null;
}

function entryFor(wanted: Wanted, key: KeyObject, sealedKey: string): Begun<CertificateEntry> {
  return {
    kind: "certificate",
    ...wanted.owner,
    ...requestOf(wanted),
    key: sealedKey,
    publicKey: publicKeyDigest(key),
    reusesKey: keptKey(wanted) !== null,
    order: null,
    leaf: null,
  };
}

async function requestFor(wanted: Wanted, { issuance, key }: Journaled): Promise<OrderRequest> {
  const { names, solver, config, signal } = wanted;
  return {
    names,
    csr: await certificateRequest(names, key),
    solver,
    profile: config.profile,
    replaces: isReplacedByCa(wanted) ? requestOf(wanted).replaces : null,
    signal,
    onOrder: (order) => issuance.note({ order }, { isSynced: true }),
    // Otherwise each apply would go on with the order, or with its key, and be refused again.
    onRefused: () => issuance.abandon(),
  };
}

/** CAs refuse to replace a certificate of another CA, or one that another account has ordered. */
function isReplacedByCa(wanted: Wanted): boolean {
  return !isFirst(wanted) && wanted.prior?.ordered_by === wanted.config.account_url;
}

/**
 * A certificate of another CA does not count: when all domains move from staging to production, the limits of
 * production apply.
 */
function isFirst({ config, prior }: Wanted): boolean {
  return prior === null || !isSameDirectory(prior.directory_url, config.directory_url);
}

function algorithmOf({ config }: Pick<Wanted, "config">): KeyAlgorithm {
  return config.key_algorithm ?? DEFAULT_KEY_ALGORITHM;
}

/** The key to order with, and its form in the state. */
async function keyFor(wanted: Wanted): Promise<Pick<Journaled, "key" | "sealedKey">> {
  const { prior, passphrases } = wanted;
  const kept = keptKey(wanted);
  if (kept !== null)
    return { key: kept, sealedKey: await passphrases.reseal(String(prior?.private_key_pem)) };
  const key = await generateKey(algorithmOf(wanted));
  return { key, sealedKey: await passphrases.seal(key) };
}
