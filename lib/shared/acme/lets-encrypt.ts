/**
 * Names that no public CA certifies: special-use names (RFC 6761, 6762, 7686, 8375, 9476), `internal`, and
 * names without a dot.
 */
const NOT_PUBLIC =
  /^[^.]+$|(^|\.)(alt|example|home\.arpa|internal|invalid|lan|local|localdomain|localhost|onion|test)$/;

/** Whether a public CA may certify a name, by its top-level domain. */
export function isPublicName(name: string): boolean {
  return !NOT_PUBLIC.test(name);
}

/** The directory of Let's Encrypt. */
export const LETS_ENCRYPT_DIRECTORY = "https://acme-v02.api.letsencrypt.org/directory";
/** That of its staging environment, whose certificates no client trusts. */
export const LETS_ENCRYPT_STAGING_DIRECTORY = "https://acme-staging-v02.api.letsencrypt.org/directory";

/** The profile that Let's Encrypt uses if the order names none. */
export const DEFAULT_PROFILE = "classic";

/** The maximum number of names in one certificate, for each profile of Let's Encrypt. */
export const MOST_NAMES: ReadonlyMap<string, number> = new Map([
  ["classic", 100],
  ["tlsserver", 25],
  ["shortlived", 25],
]);
