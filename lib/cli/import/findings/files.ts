import { posix } from "node:path";
import { groupBy } from "../../../shared/grouping";
import { ancestors } from "../../../shared/transport/paths";
import { type HostFacts, pairsIn } from "../host/read-host";
import { closedQmailEntries, emptyQmailEntries } from "../layouts/qmail";
import type { Pair, ServerEntry } from "../layouts/server";
import { type Certificates, isFor } from "./certificates";
import type { Declaration } from "./declarations";
import { type Finding, finding } from "./finding";

/** Rows without files, and files without rows. */
export function rowFindings(
  facts: HostFacts,
  declared: readonly Declaration[],
  certificates: Certificates,
): Finding[] {
  return [...rowsWithoutFiles(facts), ...filesWithoutRow(facts, declared, certificates)];
}

function rowsWithoutFiles({ rows, listing }: HostFacts): Finding[] {
  const missing = rows.filter(({ certificate, key }) =>
    [certificate, key].some((path) => {
      const type = listing.entries.get(path)?.type;
      return type === undefined || type === "l";
    }),
  );
  return [...groupBy(missing, ({ client }) => client)].map(([client, found]) =>
    finding(
      "row-without-files",
      "deploy",
      `${client} has ${found.length === 1 ? "a row" : `${found.length} rows`} without a certificate or its key: nothing can be taken over for them.`,
      "The first deploy orders those that the stack declares. Remove rows that are not used any more.",
      {
        names: found.map(({ names, title }) => names?.[0] ?? title),
        places: found.map(({ source }) => source),
      },
    ),
  );
}

function filesWithoutRow(
  facts: HostFacts,
  declared: readonly Declaration[],
  certificates: Certificates,
): Finding[] {
  const { rows, stores, servers, listing } = facts;
  const rowFiles = new Set(rows.map(({ certificate }) => certificate));
  const stored = stores
    .flatMap((store) => pairsIn(store, listing))
    .filter(({ certificate }) => !rowFiles.has(certificate));
  const names = new Set(declared.flatMap((declaration) => declaration.names));
  const parents = new Set([...names].map(parentOf));
  const entries = servers.flatMap(({ title, entries: all }) =>
    all
      .filter((entry) => !entry.names.some((name) => names.has(name) || coversOne(name, parents)))
      .map((entry) => ({ ...entry, server: title })),
  );
  const mistaken = new Set(entries.filter((entry) => isForNone(entry, certificates)));
  const kinds = groupBy(entries, (entry) => JSON.stringify([entry.server, mistaken.has(entry)]));
  return [
    ...(stored.length === 0 ? [] : [storedWithoutRow(stored, certificates)]),
    ...[...kinds.values()].map((found) => entriesWithoutRow(found, mistaken.has(found[0]))),
    ...emptyEntries(facts),
  ];
}

interface EntryOf extends ServerEntry {
  readonly server: string;
}

/** Whether an entry's own certificate is for none of its names. */
function isForNone({ names, certificate }: EntryOf, certificates: Certificates): boolean {
  const leaf = certificates.leafAt(certificate);
  return leaf !== null && !names.some((name) => leaf.dnsNames.includes(name) || isFor(leaf, name));
}

/** @param isMistaken whether their own certificates are for none of their names */
function entriesWithoutRow(found: readonly [EntryOf, ...EntryOf[]], isMistaken: boolean): Finding {
  const [{ server }] = found;
  return finding(
    "files-without-row",
    "decision",
    isMistaken
      ? `${server} has entries for names that no row has, with certificates for other names.`
      : `${server} has entries for names that no row has: nothing renews their certificates, and the stack does not declare them.`,
    isMistaken
      ? "Correct the names, for example where a script has cut their first label off, or remove the entries; on the host, and in the stack."
      : "Add the domains to the stack, or remove the entries.",
    { names: found.flatMap((entry) => entry.names), places: found.map((entry) => entry.title) },
  );
}

/** Whether an entry with a wildcard is for one of the names. @param parents what is behind the first label of each */
function coversOne(pattern: string, parents: ReadonlySet<string>): boolean {
  return pattern.startsWith("*.") && parents.has(parentOf(pattern));
}

/** `.domain1.tld` of `imap.domain1.tld`. */
function parentOf(name: string): string {
  const dot = name.indexOf(".");
  return dot < 0 ? "" : name.slice(dot);
}

function storedWithoutRow(stored: readonly Pair[], certificates: Certificates): Finding {
  return finding(
    "files-without-row",
    "note",
    "There are certificates of dehydrated that no row has: nothing renews them, and the stack does not declare them.",
    "Add the domains to the stack if they are used. dehydrated --cleanup moves the files away.",
    {
      names: stored.flatMap(({ certificate }) => certificates.leafAt(certificate)?.dnsNames ?? []),
      places: stored.map(({ certificate }) => certificate),
    },
  );
}

function emptyEntries({ listing, directories }: HostFacts): Finding[] {
  const empty = emptyQmailEntries(listing, directories.qmail);
  if (empty.length === 0) return [];
  return [
    finding(
      "pem-missing",
      "deploy",
      "Directories of qmail have no servercert.pem, or a link there that leads nowhere: qmail presents the default for these names.",
      "The first deploy writes those that the stack declares. Remove the others.",
      { names: empty.map((path) => posix.basename(path)), places: empty },
    ),
  ];
}

const OTHERS_READ = 0o004;
const OTHERS_ENTER = 0o001;

/** Private keys that every user of the host can read. */
export function readableKeys(facts: HostFacts): Finding[] {
  const { listing, publicKeys } = facts;
  const open = [...publicKeys.keys()].filter((path) => {
    const entry = listing.entries.get(path);
    if (entry === undefined || (entry.mode & OTHERS_READ) === 0) return false;
    return ancestors(path).every(
      (above) => ((listing.entries.get(above)?.mode ?? OTHERS_ENTER) & OTHERS_ENTER) !== 0,
    );
  });
  if (open.length === 0) return [];
  return [
    finding(
      "key-readable",
      "decision",
      `Every user of the host can read ${open.length === 1 ? "a private key" : `${open.length} private keys`}.`,
      "Remove the permission (chmod o-r). If other users have been on the host, have the certificates issued with new keys, and the old ones revoked.",
      { places: open },
    ),
  ];
}

/** Directories whose certificate qmail does not see, as if there were none. */
export function closedDirectories({ listing, directories }: HostFacts): Finding[] {
  const closed = closedQmailEntries(listing, directories.qmail);
  if (closed.length === 0) return [];
  return [
    finding(
      "directory-closed",
      "decision",
      "qmail cannot enter directories that root has closed to all other users, and presents the default certificate for their names. A hook with a umask of 077, as dehydrated has, makes such directories.",
      "Let users enter them, or else the deploy fails for their domains: chmod 755 DIRECTORY.",
      { names: closed.map((path) => posix.basename(path)), places: closed },
    ),
  ];
}
