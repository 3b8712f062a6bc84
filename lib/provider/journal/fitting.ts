import type { AccountEntry, CertificateEntry, JournalEntry } from "../../shared/journal/entry";
import { renewalOfIssued } from "../../shared/time/renewal-time";

/** Who asks. */
export interface Owner {
  readonly stack: string;
  readonly state: string | null;
  readonly place: string;
  readonly workspace: string;
}

/** A certificate that a resource is about to order. */
export interface WantedCertificate extends Owner, Pick<CertificateEntry, RequestMember> {
  /** The certificate that the state has; null on a create. */
  readonly prior: PriorCertificate | null;
  /** The digest of the public key that the certificate must have; null if it must be a new one. */
  readonly reusedKey: string | null;
}

type RequestMember = "directory" | "account" | "names" | "keyAlgorithm" | "profile" | "reissue" | "replaces";

export interface PriorCertificate {
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly notBefore: string;
}

/** An account that a resource is about to register. */
export interface WantedAccount extends Owner, Pick<AccountEntry, "directory" | "externalAccount"> {}

/** How long an entry without a certificate is kept: as long as CAs keep an order (Let's Encrypt: seven days). */
const LONGEST_WITHOUT_CERTIFICATE_MS = 7 * 86_400_000;

/**
 * Whether an entry is too old to go on with: one with a certificate when that expires, any other after
 * {@link LONGEST_WITHOUT_CERTIFICATE_MS}.
 */
export function isExpired(entry: JournalEntry, now: number): boolean {
  if (entry.kind === "certificate" && entry.leaf !== null) return now >= Date.parse(entry.leaf.notAfter);
  return now - Date.parse(entry.begunAt) > LONGEST_WITHOUT_CERTIFICATE_MS;
}

/**
 * The newest entry that a resource can go on with instead of a new order.
 *
 * An entry that names the certificate to be replaced fits only that. So a key that was replaced because it has leaked does not
 * come back, whatever `reissue` is set to later.
 */
export function fittingCertificate(
  entries: Iterable<JournalEntry>,
  wanted: WantedCertificate,
  now: number,
): CertificateEntry | undefined {
  return newest(certificates(entries).filter((entry) => fits(entry, wanted, now)));
}

export function fittingAccount(
  entries: Iterable<JournalEntry>,
  wanted: WantedAccount,
  now: number,
): AccountEntry | undefined {
  const accounts = [...entries].filter((entry) => entry.kind === "account");
  return newest(
    accounts.filter(
      (entry) =>
        isOwn(entry, wanted) &&
        !isExpired(entry, now) &&
        entry.directory === wanted.directory &&
        entry.externalAccount === wanted.externalAccount,
    ),
  );
}

/** Whether a saved state has what the entry is for, so that the entry is no longer needed. */
export function isInState(
  entry: JournalEntry,
  saved: {
    readonly fingerprint: string | null;
    readonly publicKey: string | null;
    readonly account: string | null;
  },
): boolean {
  if (entry.kind === "account") return entry.account === saved.account;
  if (entry.leaf !== null) return entry.leaf.fingerprint === saved.fingerprint;
  // Before the download only the key says which certificate it is, and not even that if the previous one has the same key.
  return !entry.reusesKey && entry.publicKey === saved.publicKey;
}

/** A certificate that a saved state has. */
export interface SavedCertificate extends Owner, Pick<CertificateEntry, RepeatedMember> {
  readonly notBefore: string;
}

type RepeatedMember = "directory" | "names" | "keyAlgorithm" | "profile";

/**
 * Whether an entry can be removed, now that a saved state has a certificate. The time is that of the certificate's issue. By this
 * machine's clock, a run whose clock is days ahead would remove orders that the next run can go on with.
 */
export function isObsolete(entry: JournalEntry, saved: SavedCertificate): boolean {
  return isSuperseded(entry, saved) || isExpired(entry, Date.parse(saved.notBefore));
}

/**
 * Whether a saved state has a later certificate than the entry's, so that the entry is no longer needed. It was not crossed out when
 * it was used: another machine has it, or a host that was away. Without this, a key that was replaced because it has leaked would
 * come back once the resource is created once more, and the state has no certificate that the entry is compared with.
 */
function isSuperseded(entry: JournalEntry, saved: SavedCertificate): boolean {
  if (entry.kind !== "certificate" || !isOwn(entry, saved)) return false;
  const repeated = ({ directory, names, keyAlgorithm, profile }: SavedCertificate | CertificateEntry) =>
    JSON.stringify([directory, [...names].sort(), keyAlgorithm, profile]);
  // Times of this form sort as text. It is compared first, because a plan compares each entry with each certificate.
  return (entry.leaf?.notBefore ?? entry.begunAt) < saved.notBefore && repeated(entry) === repeated(saved);
}

/** Whether an entry is for this state: by its identity, or without one by the place. */
function isOwn(entry: JournalEntry, { stack, state, place }: Owner): boolean {
  return entry.stack === stack && entry.state === state && (state !== null || entry.place === place);
}

function certificates(entries: Iterable<JournalEntry>): CertificateEntry[] {
  return [...entries].filter((entry) => entry.kind === "certificate");
}

function fits(entry: CertificateEntry, wanted: WantedCertificate, now: number): boolean {
  return (
    isOwn(entry, wanted) &&
    asksForTheSame(entry, wanted) &&
    !isExpired(entry, now) &&
    !isDue(entry, now) &&
    isNewer(entry, wanted.prior) &&
    hasRightKey(entry, wanted)
  );
}

function asksForTheSame(entry: CertificateEntry, wanted: WantedCertificate): boolean {
  const request = ({
    names,
    directory,
    account,
    keyAlgorithm,
    profile,
    reissue,
    replaces,
  }: typeof wanted | typeof entry) =>
    JSON.stringify([[...names].sort(), directory, account, keyAlgorithm, profile, reissue, replaces]);
  return request(entry) === request(wanted);
}

/** It would be renewed by the next apply anyway. */
function isDue({ leaf, begunAt }: CertificateEntry, now: number): boolean {
  if (leaf === null) return false;
  const lifetime = { notBefore: new Date(leaf.notBefore), notAfter: new Date(leaf.notAfter) };
  return now >= +renewalOfIssued(lifetime, new Date(begunAt));
}

function isNewer({ leaf, begunAt }: CertificateEntry, prior: PriorCertificate | null): boolean {
  if (prior === null) return true;
  if (leaf !== null && leaf.fingerprint === prior.fingerprint) return false;
  return Date.parse(leaf?.notBefore ?? begunAt) >= Date.parse(prior.notBefore);
}

function hasRightKey({ publicKey }: CertificateEntry, { reusedKey, prior }: WantedCertificate): boolean {
  return reusedKey === null ? publicKey !== prior?.publicKey : publicKey === reusedKey;
}

function newest<T extends JournalEntry>(entries: readonly T[]): T | undefined {
  return [...entries].sort((one, other) => (one.begunAt < other.begunAt ? 1 : -1))[0];
}
