import type { MailSniError } from "../../../shared/errors";
import { groupBy } from "../../../shared/grouping";
import type { HostFacts } from "../host/read-host";
import type { Pair } from "../layouts/server";
import type { Certificates, FoundCertificate } from "./certificates";
import { type Finding, type FindingCode, finding } from "./finding";

/** The kinds of problems of a certificate that have a code of their own. */
const CODES: ReadonlyMap<string, FindingCode> = new Map([
  ["CERTIFICATE_EXPIRED", "pem-expired"],
  ["CERTIFICATE_NOT_YET_VALID", "pem-not-yet-valid"],
  ["KEY_WEAK", "pem-weak"],
  ["SIGNATURE_WEAK", "pem-weak"],
]);

/** A pair, and whose it is. */
interface Used extends Pair {
  readonly user: string;
}

/** Files that a server cannot load, or whose certificate a client refuses. */
export function pemFindings(facts: HostFacts, certificates: Certificates): Finding[] {
  const used = usedPairs(facts);
  const unique = [...groupBy(used, ({ certificate, key }) => JSON.stringify([certificate, key])).values()];
  return [
    ...grouped(unique.flatMap(([{ certificate }]) => certificates.find(certificate) ?? [])),
    ...mismatched(
      unique.map(([pair]) => pair),
      certificates,
    ),
    ...unloadable(
      unique.map(([pair]) => pair),
      facts,
      certificates,
    ),
    ...missing(
      used.filter(({ user }) => user !== ""),
      facts,
    ),
  ];
}

/** The user is empty for files of clients: a server does not read them. */
function usedPairs({ rows, servers }: HostFacts): Used[] {
  return [
    ...servers.flatMap(({ title, fallback, entries }) =>
      [...(fallback === null ? [] : [fallback]), ...entries].map(({ certificate, key }) => ({
        certificate,
        key,
        user: title,
      })),
    ),
    ...rows.map(({ certificate, key }) => ({ certificate, key, user: "" })),
  ];
}

/** One finding for each problem of each certificate, whatever the number of its files. */
function grouped(found: readonly FoundCertificate[]): Finding[] {
  const all = found.flatMap(({ path, leaf, problems }) =>
    problems.map((problem) => ({ path, leaf, problem })),
  );
  const groups = groupBy(all, ({ leaf, path, problem }) =>
    JSON.stringify([problem.code, leaf?.fingerprintSha256 ?? path]),
  );
  return [...groups.values()].map((group) => {
    const [{ leaf, problem }] = group;
    const places = [...new Set(group.map(({ path }) => path))];
    return ofProblem(problem, { names: leaf?.dnsNames ?? [], places });
  });
}

function ofProblem({ code, problem }: MailSniError, about: Pick<Finding, "names" | "places">): Finding {
  return finding(
    CODES.get(code) ?? "pem-invalid",
    "deploy",
    `${about.places[0]}: ${problem}`,
    "The first deploy replaces what servers present for the names that the stack declares.",
    about,
  );
}

function mismatched(pairs: readonly Pair[], certificates: Certificates): Finding[] {
  return pairs
    .filter((pair) => certificates.fits(pair) === false)
    .map(({ certificate, key }) =>
      finding(
        "pem-key-mismatch",
        "deploy",
        `The private key in ${key} does not belong to the certificate in ${certificate}: a server cannot present it.`,
        "The first deploy replaces what servers present for the names that the stack declares.",
        {
          names: certificates.leafAt(certificate)?.dnsNames ?? [],
          places: [...new Set([certificate, key as string])],
        },
      ),
    );
}

/** Keys that are encrypted, missing in a file that is to have one, or not the only one. */
function unloadable(
  pairs: readonly Pair[],
  { pems, publicKeys, listing, unreadable, hasComparedKeys }: HostFacts,
  certificates: Certificates,
): Finding[] {
  if (!hasComparedKeys) return [];
  const closed = new Set(unreadable);
  return pairs.flatMap(({ certificate, key }): Finding[] => {
    const file = key === null ? undefined : listing.entries.get(key);
    if (key === null || file?.type !== "f" || closed.has(key)) return [];
    const keys = pems.get(key)?.keys ?? [];
    const reason = unloadableReason(keys, publicKeys.has(key), key === certificate);
    if (reason === null || certificates.leafAt(certificate) === null) return [];
    const names = certificates.leafAt(certificate)?.dnsNames ?? [];
    const remedy = "The first deploy replaces what servers present for the names that the stack declares.";
    return [finding("pem-invalid", "deploy", `${key}: ${reason}`, remedy, { names, places: [key] })];
  });
}

function unloadableReason(
  keys: readonly { readonly isEncrypted: boolean }[],
  isLoaded: boolean,
  isCombined: boolean,
): string | null {
  if (keys.some(({ isEncrypted }) => isEncrypted))
    return "its private key is encrypted, so a server cannot load it.";
  if (keys.length > 1) return "it has several private keys: a server loads the first alone.";
  if (isLoaded) return null;
  return isCombined ? "it has no private key that can be loaded." : "the private key cannot be loaded.";
}

/** Files that a server's configuration names and that are not there, or are no files. */
function missing(used: readonly Used[], { listing }: HostFacts): Finding[] {
  const paths = used.flatMap(({ user, certificate, key }) =>
    [certificate, key].flatMap((path) => (path === null ? [] : [{ user, path }])),
  );
  const found = paths.flatMap(({ user, path }) => {
    const entry = listing.entries.get(path);
    const reason = entry === undefined ? "is not there" : missingReason(entry.type, entry.bytes);
    return reason === null ? [] : [{ user, path, reason }];
  });
  return [...groupBy(found, ({ user, reason }) => `${user} ${reason}`).values()].map((group) => {
    const [{ user, reason }] = group;
    const places = [...new Set(group.map(({ path }) => path))];
    const subject =
      places.length === 1 ? `A file that ${user} presents` : `${places.length} files that ${user} presents`;
    return finding(
      "pem-missing",
      "decision",
      `${subject} ${places.length === 1 ? reason : reason.replace(/^is /, "are ")}. With such a file Dovecot does not start, and qmail fails the handshake.`,
      "Remove the entries, or restore the files, before the first deploy: a reload is refused otherwise.",
      { places },
    );
  });
}

function missingReason(type: string, bytes: number): string | null {
  if (type === "l") return "is a link that leads nowhere";
  if (type !== "f") return "is no regular file";
  if (bytes === 0) return "is empty";
  return bytes > 256 * 1024 ? "is larger than any PEM" : null;
}
