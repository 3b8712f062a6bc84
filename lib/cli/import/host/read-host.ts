import { posix } from "node:path";
import { chunksOf } from "../../../shared/grouping";
import { type Hook, hooksIn, type Renewer, renewersIn } from "../../../shared/renewers/renewers";
import { argumentLists } from "../../../shared/transport/argument-lists";
import { ancestors, LONGEST_PATH } from "../../../shared/transport/paths";
import { filesIn } from "../../inputs/configuration-files";
import {
  type HostLook,
  type Look,
  type Looked,
  type ServerDirectories,
  unreadableIn,
} from "../gather/host-look";
import { type Listener, listenersIn } from "../gather/listeners";
import { type Listing, listingOf } from "../gather/listing";
import { MOST_PEM_BYTES, type PemFile, pemsIn } from "../gather/pems";
import { publicKeysIn } from "../gather/public-keys";
import { acmeShRows } from "../layouts/acme-sh";
import { certbotRows } from "../layouts/certbot";
import {
  type DehydratedSettings,
  dehydratedRows,
  dehydratedSettings,
  dehydratedStore,
} from "../layouts/dehydrated";
import { type FoundDovecot, readDovecot } from "../layouts/dovecot";
import { HOOK_WORDS } from "../layouts/hook-words";
import { legoRows } from "../layouts/lego";
import { type PostfixSettings, postfixServer, postfixSettings } from "../layouts/postfix";
import { qmailPaths, qmailServer } from "../layouts/qmail";
import type { FoundServer, Pair } from "../layouts/server";
import type { Row, Store } from "../layouts/source";

/** Everything that was read from a host. */
export interface HostFacts {
  /** The certificates that clients of CAs obtain. */
  readonly rows: readonly Row[];
  readonly stores: readonly Store[];
  readonly servers: readonly FoundServer[];
  readonly dehydrated: DehydratedSettings | null;
  readonly dovecot: FoundDovecot | null;
  readonly postfix: PostfixSettings | null;
  readonly renewers: readonly Renewer[];
  readonly hooks: readonly Hook[];
  /** The ports at which the host listens; null if that is not known. */
  readonly listeners: readonly Listener[] | null;
  readonly directories: ServerDirectories;
  readonly listing: Listing;
  /** By path. Without files that are empty, too large, unreadable or not there. */
  readonly pems: ReadonlyMap<string, PemFile>;
  /** SHA-256 of the public key of each private key, by path. */
  readonly publicKeys: ReadonlyMap<string, string>;
  /** Whether all private keys were compared that can be. */
  readonly hasComparedKeys: boolean;
  /** The files that the user on the host may not read. */
  readonly unreadable: readonly string[];
  /** What could not be read, as sentences. */
  readonly gaps: readonly string[];
}

/** What the first trip has found. */
interface First {
  readonly rows: readonly Row[];
  readonly dehydrated: DehydratedSettings | null;
  readonly dovecot: FoundDovecot | null;
  readonly postfix: PostfixSettings | null;
  readonly renewers: readonly Renewer[];
  readonly listeners: readonly Listener[] | null;
  readonly gaps: readonly string[];
}

/** The tools that the host lacks. */
export async function missingLookTools(host: HostLook): Promise<string[]> {
  const [missing] = await host.at([["tools"]]);
  return (missing ?? []).filter((line) => line !== "");
}

/** Reads all that an import needs, in a few trips. @throws {SessionLost} */
export async function readHost(host: HostLook): Promise<HostFacts> {
  const first = await readConfigurations(host);
  const second = await readListing(host, first);
  const { gaps, ...pems } = await readPems(host, second);
  return { ...second, ...pems, gaps: [...first.gaps, ...second.gaps, ...gaps] };
}

async function readConfigurations(host: HostLook): Promise<First> {
  const [configurations, doveconf, dovecotFiles, renewers, listeners] = await host.at([
    ["configurations"],
    ["doveconf_lines", host.there(host.directories.dovecot)],
    ["dovecot_files", host.there(host.directories.dovecot)],
    ["renewers"],
    ["listeners"],
  ]);
  const files = filesIn(configurations, host.without);
  return {
    rows: [...certbotRows(files), ...acmeShRows(files), ...legoRows(files)],
    dehydrated: dehydratedSettings(files),
    dovecot: readDovecot(dovecotListing(doveconf, host), filesIn(dovecotFiles, host.without)),
    postfix: postfixSettings(files),
    renewers: renewersIn(renewers ?? [], (path) => host.without(path)).active,
    listeners: listenersIn(listeners),
    gaps: [
      ...gap(configurations, "The configuration of clients of CAs"),
      ...gap(doveconf, "What doveconf prints"),
      ...gap(dovecotFiles, "Dovecot's configuration files"),
      ...gap(renewers, "What runs from time to time"),
    ],
  };
}

/** Without an answer of doveconf the files are read, so it has to be known that there is a Dovecot. */
function dovecotListing(looked: Looked, host: HostLook): ReturnType<typeof filesIn> {
  return looked === undefined ? [{ kind: "dovecot", path: "", lines: [] }] : filesIn(looked, host.without);
}

function gap(looked: Looked, subject: string): string[] {
  return looked === undefined ? [`${subject} could not be read: it took too long, or it is too much.`] : [];
}

/** All but what is in the PEM files. */
type Second = Omit<HostFacts, "pems" | "publicKeys" | "hasComparedKeys" | "unreadable">;

async function readListing(host: HostLook, first: First): Promise<Second> {
  const { dehydrated, dovecot, postfix } = first;
  const stores = dehydrated === null ? [] : [dehydratedStore(dehydrated)];
  const { trees, paths } = placesToList(first, stores, host);
  const fixed: Look[] = [
    ["domains", ...(dehydrated === null ? ["/nonexistent", "/nonexistent"] : listOf(dehydrated, host))],
    ["lines", "postfix-map", "^[^#]", ...(postfix?.maps ?? []).map((path) => host.there(path))],
    ["hooks", HOOK_WORDS.join("\n"), ...hookFiles(dehydrated, host)],
    ["trees", ...trees.map((path) => host.there(path))],
  ];
  const lists = argumentLists(paths.map((path) => host.there(path))).map((list): Look => ["files", ...list]);
  const [domains, maps, hooks, ...listed] = await host.at([...fixed, ...lists]);
  const postfixFound = postfix && postfixServer(postfix, filesIn(maps, host.without));
  const listing = listingOf([...listed, ...(await listEntries(postfixFound, host))], host);
  const servers = [
    qmailServer(listing, host.directories.qmail),
    dovecot?.server ?? null,
    postfixFound,
  ].filter((server) => server !== null);
  const rows = dehydrated === null ? [] : dehydratedRows(dehydrated, filesIn(domains, host.without));
  return {
    ...first,
    rows: [...rows, ...first.rows],
    stores,
    directories: host.directories,
    servers,
    hooks: hooksOf(hooks, first.rows, host),
    listing,
    gaps: [...gap(domains, "domains.txt"), ...gap(maps, "Postfix's SNI map"), ...gap(hooks, "The hooks")],
  };
}

/** The directories of which everything is listed, and single paths: what the configuration names, and what is above it. */
function placesToList(
  { rows, dovecot, postfix }: First,
  stores: readonly Store[],
  { directories }: HostLook,
): { readonly trees: readonly string[]; readonly paths: readonly string[] } {
  const qmail = qmailPaths(directories.qmail);
  const trees = [qmail.entries, ...stores.map(({ directory }) => directory)];
  const named = [
    ...pathsOf(rows, dovecot?.server?.entries ?? []),
    ...pathsOfPair(dovecot?.server?.fallback),
  ].filter(isShort);
  const paths = [
    ...[qmail.control, qmail.fallback],
    ...named,
    ...pathsOfPair(postfix?.fallback),
    ...[...trees, ...named].flatMap(ancestors),
  ];
  return { trees, paths: [...new Set(paths)].filter((path) => path.startsWith("/")) };
}

function isShort(path: string): boolean {
  return path.length <= LONGEST_PATH;
}

/** Without the files that acme.sh copies certificates to: they are facts of its rows. */
function hooksOf(looked: Looked, rows: readonly Row[], host: HostLook): Hook[] {
  const sources = new Set(rows.map(({ source }) => source));
  return hooksIn(looked ?? [], (path) => host.without(path)).filter(
    ({ path }) => !sources.has(path.replace(/:\d+$/, "")),
  );
}

/** The files that Postfix's map names: they are known only now. */
async function listEntries(postfix: FoundServer | null, host: HostLook): Promise<Looked[]> {
  const paths = [...new Set(postfix?.entries.flatMap(pathsOfPair))].filter((path) => path.startsWith("/"));
  return host.at(
    argumentLists(paths.map((path) => host.there(path))).map((list): Look => ["files", ...list]),
  );
}

function listOf({ domainsTxt, dropIns }: DehydratedSettings, host: HostLook): [string, string] {
  return [host.there(domainsTxt), host.there(dropIns)];
}

function hookFiles(dehydrated: DehydratedSettings | null, host: HostLook): string[] {
  return dehydrated?.hook?.startsWith("/") ? [host.there(dehydrated.hook)] : [];
}

function pathsOf(rows: readonly Row[], pairs: readonly Pair[]): string[] {
  return [
    ...rows.flatMap(({ certificate, key, installs = [] }) => [certificate, key, ...installs]),
    ...pairs.flatMap(pathsOfPair),
  ];
}

function pathsOfPair(pair: Pair | null | undefined): string[] {
  if (!pair) return [];
  return pair.key === null ? [pair.certificate] : [pair.certificate, pair.key];
}

type ReadPems = Pick<HostFacts, "pems" | "publicKeys" | "hasComparedKeys" | "unreadable" | "gaps">;

/** Reads each file once, whatever names it has. */
async function readPems(host: HostLook, facts: Second): Promise<ReadPems> {
  const { rows, servers, stores, listing } = facts;
  const pairs: Pair[] = [
    ...rows,
    ...servers.flatMap(({ entries, fallback }): readonly Pair[] =>
      fallback === null ? entries : [fallback, ...entries],
    ),
    ...stores.flatMap((store) => pairsIn(store, listing)),
  ];
  const certificates = representatives(
    pairs.map(({ certificate }) => certificate),
    listing,
  );
  const keys = representatives(
    pairs.flatMap(({ key }) => key ?? []),
    listing,
  );
  const pemLists = argumentLists([...new Set(certificates.values())].map((path) => host.there(path)));
  const keyPaths = [...new Set(keys.values())].map((path) => host.there(path));
  const keyLists = argumentLists(keyPaths).flatMap((list) => chunksOf(list, MOST_KEYS_OF_A_CALL));
  const looked = await host.at([
    ...pemLists.map((list): Look => ["pems", ...list]),
    ...keyLists.map((list): Look => ["public_keys", ...list]),
  ]);
  const [pemLooks, keyLooks] = [looked.slice(0, pemLists.length), looked.slice(pemLists.length)];
  return {
    pems: byPath(
      certificates,
      merged(pemLooks, (lines) => pemsIn(lines, host)),
    ),
    publicKeys: byPath(
      keys,
      merged(keyLooks, (lines) => publicKeysIn(lines, host)),
    ),
    hasComparedKeys: !keyLooks.includes(undefined),
    unreadable: unreadableIn(looked, host),
    gaps: [
      ...(listing.isIncomplete
        ? ["Some directories could not be listed: it took too long, or it is too much."]
        : []),
      ...(pemLooks.includes(undefined) ? ["Some certificates could not be read in time."] : []),
      ...(keyLooks.includes(undefined)
        ? ["Some keys could not be compared with their certificates in time."]
        : []),
    ],
  };
}

/** The certificates of a store, with or without a row. */
export function pairsIn({ directory, certificate, key }: Store, { entries }: Listing): Pair[] {
  return [...entries.values()]
    .filter(({ path }) => path === `${directory}/${posix.basename(posix.dirname(path))}/${certificate}`)
    .map(({ path }) => ({ certificate: path, key: `${posix.dirname(path)}/${key}` }));
}

/** openssl takes some ten milliseconds for each. */
const MOST_KEYS_OF_A_CALL = 500;

/** For each path that can be read the first path of the same file. */
function representatives(paths: readonly string[], { entries }: Listing): Map<string, string> {
  const first = new Map<string, string>();
  const found = new Map<string, string>();
  for (const path of paths) {
    const entry = entries.get(path);
    if (entry?.type !== "f" || entry.bytes > MOST_PEM_BYTES) continue;
    const representative = first.get(entry.inode) ?? path;
    first.set(entry.inode, representative);
    found.set(path, representative);
  }
  return found;
}

function merged<T>(looks: readonly Looked[], read: (looked: Looked) => Map<string, T>): Map<string, T> {
  return new Map(looks.flatMap((looked) => [...read(looked)]));
}

function byPath<T>(paths: ReadonlyMap<string, string>, found: ReadonlyMap<string, T>): Map<string, T> {
  return new Map(
    [...paths].flatMap(([path, representative]): [string, T][] => {
      const value = found.get(representative);
      return value === undefined ? [] : [[path, value]];
    }),
  );
}
