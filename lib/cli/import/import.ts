import { existsSync } from "node:fs";
import { zip } from "../../shared/grouping";
import { printable, printableLine } from "../../shared/text/printable";
import { pathProblem } from "../../shared/transport/paths";
import type { Session } from "../../shared/transport/session";
import { NameLookups } from "../dns/name-lookups";
import { CliError } from "../errors/cli-error";
import { throughShell } from "../inputs/host-shell";
import { plural } from "../output/plural";
import { terminalOf } from "../output/terminal";
import { writeTo } from "../output/write-to";
import type { Io } from "../process/io";
import { Certificates } from "./findings/certificates";
import { type Declarations, declarationsOf } from "./findings/declarations";
import { dnsFindings } from "./findings/dns";
import { findingsOf, sorted } from "./findings/findings";
import { HostLook, type ServerDirectories } from "./gather/host-look";
import { privateKeysAt } from "./gather/private-keys";
import { type HostFacts, missingLookTools, readHost } from "./host/read-host";
import { connectionTo, printedReach, type ReachFlags } from "./reach";
import { exitCodeOf, type ImportResult } from "./reports/import-result";
import { jsonReport } from "./reports/json";
import { KeyDirectory } from "./reports/key-directory";
import { foundParts } from "./reports/subject";
import { textReport } from "./reports/text";
import { ACCOUNT_KEY_FILE, type AdoptionPlace, accountKeyOf } from "./stack/adoption";
import { type StoredResource, storedResources, takenOver } from "./stack/other-state";
import { printedStack } from "./stack/stack";

/** The options as commander parses them. */
export interface ImportFlags extends ReachFlags {
  /** False for `--no-dns`. */
  readonly dns: boolean;
  readonly dnsServer?: readonly string[];
  readonly withKeys?: string;
  readonly qmailDirectory: string;
  readonly dovecotDirectory: string;
  readonly state?: string;
  readonly json?: boolean;
}

/**
 * Looks at a host, prints a stack, and reports.
 *
 * @param destination null for this machine
 * @returns the exit status
 * @throws CliError if the host cannot be read
 */
export async function importHost(destination: string | null, flags: ImportFlags, io: Io): Promise<number> {
  const stored = flags.state === undefined ? null : storedResources(flags.state);
  const keys = flags.withKeys === undefined ? null : KeyDirectory.at(flags.withKeys);
  const seen = await throughLook(destination, flags, (host, session) => see(host, session, io.now(), keys));
  const { facts } = seen;
  if (facts.servers.length === 0 && facts.rows.length === 0 && facts.dovecot === null)
    throw nothingFound(destination);
  const result = await resultOf(seen, destination, flags, stored);
  const terminal = terminalOf(io.stderr, io.environment);
  if (flags.json) await writeTo(io.stdout, jsonReport(result, io.now()));
  else {
    await writeTo(io.stderr, textReport(result, terminal));
    if (result.program !== null) await writeTo(io.stdout, result.program);
  }
  if (keys !== null)
    io.stderr.write(
      printable(
        `${seen.fetched.domains.size} of ${plural(result.declared.length, "key")} fetched into ${keys.path}.\n`,
      ),
    );
  return exitCodeOf(result);
}

/** What was read from a host, and what follows from it. */
interface Seen {
  readonly facts: HostFacts;
  readonly certificates: Certificates;
  readonly declarations: Declarations;
  readonly fetched: Fetched;
}

/** What was written into the directory of `--with-keys`. */
interface Fetched {
  /** The domains whose keys were fetched. */
  readonly domains: ReadonlySet<string>;
  readonly hasAccountKey: boolean;
}

async function see(host: HostLook, session: Session, now: Date, keys: KeyDirectory | null): Promise<Seen> {
  const facts = await readHost(host);
  const certificates = new Certificates(facts, now);
  const declarations = declarationsOf(facts, certificates);
  const seen = { facts, certificates, declarations };
  return { ...seen, fetched: keys === null ? NOTHING : await fetchKeys(seen, host, session, keys) };
}

const NOTHING: Fetched = { domains: new Set(), hasAccountKey: false };

/** Fetches the keys that belong to their certificates, and that of the account. */
async function fetchKeys(
  { facts, certificates, declarations }: Omit<Seen, "fetched">,
  host: HostLook,
  session: Session,
  directory: KeyDirectory,
): Promise<Fetched> {
  const fitting = declarations.declared.filter(({ pair }) => certificates.fits(pair));
  const paths = fitting.map(({ pair }) => host.there(pair.key as string));
  const account = accountKeyOf(fitting);
  const accountPath = account === null ? [] : [host.there(account)];
  const keys = await privateKeysAt(session, [...paths, ...accountPath]);
  const found = zip(fitting, paths).flatMap(([declaration, path]) => {
    const key = keys.get(path);
    return key === undefined ? [] : [{ ...declaration, keyPem: key }];
  });
  for (const { domain, pair, keyPem } of found) {
    directory.save(domain, facts.pems.get(pair.certificate)?.certificates.join("") ?? "", keyPem);
  }
  const accountKey = keys.get(accountPath[0] ?? "");
  if (accountKey !== undefined) directory.saveAccount(ACCOUNT_KEY_FILE, accountKey);
  return { domains: new Set(found.map(({ domain }) => domain)), hasAccountKey: accountKey !== undefined };
}

async function resultOf(
  { facts, certificates, declarations, fetched }: Seen,
  destination: string | null,
  flags: ImportFlags,
  stored: readonly StoredResource[] | null,
): Promise<ImportResult> {
  const { declared } = declarations;
  const reach = printedReach(destination, flags);
  const stack = printedStack(facts, declared, certificates, reach, placeOf(destination, flags, fetched), {
    file: flags.state ?? null,
    ...takenOver(stored, declared),
  });
  const dns = flags.dns ? await dnsFindings(declared, new NameLookups(), flags.dnsServer ?? null) : [];
  return {
    host: destination ?? "this machine",
    parts: foundParts(facts),
    findings: sorted([...findingsOf(facts, declarations, certificates), ...stack.findings, ...dns]),
    declared,
    program: stack.program,
    defaultDomain: stack.defaultDomain,
  };
}

/** Where the machine that deploys will find certificates and keys: it is taken to be this one. */
function placeOf(
  destination: string | null,
  { withKeys, root }: ImportFlags,
  { domains, hasAccountKey }: Fetched,
): AdoptionPlace {
  if (withKeys !== undefined) return { kind: "fetched", directory: withKeys, domains, hasAccountKey };
  if (destination !== null) return { kind: "elsewhere" };
  const pathOf = (path: string) => (root === "/" ? path : `${root}${path}`);
  return { kind: "here", pathOf, isThere: existsSync };
}

/** Where the mail servers have their files. @throws CliError `CLI_OPTION` */
function directoriesOf({ qmailDirectory, dovecotDirectory }: ImportFlags): ServerDirectories {
  for (const path of [qmailDirectory, dovecotDirectory]) {
    const problem = pathProblem(path);
    if (problem === undefined) continue;
    throw new CliError(
      "CLI_OPTION",
      `${JSON.stringify(path)}: ${problem}.`,
      "Write an absolute path without a slash at its end.",
    );
  }
  return { qmail: qmailDirectory, dovecot: dovecotDirectory };
}

/** Looks at the host through a shell there. @throws CliError if the host cannot be reached, or lacks tools */
async function throughLook<T>(
  destination: string | null,
  flags: ImportFlags,
  work: (host: HostLook, session: Session) => Promise<T>,
): Promise<T> {
  const connection = connectionTo(destination, flags);
  const directories = directoriesOf(flags);
  return throughShell(connection, async (session) => {
    const host = new HostLook(session, connection.root, directories);
    const missing = await missingLookTools(host);
    if (missing.length > 0) throw toolsMissing(missing);
    return work(host, session);
  });
}

function toolsMissing(missing: readonly string[]): CliError {
  return new CliError(
    "CLI_HOST_TOOLS",
    `Tools are missing on the host: ${printableLine(missing.join(", "))}.`,
    "Install awk, findutils and openssl there.",
  );
}

function nothingFound(destination: string | null): CliError {
  return new CliError(
    "CLI_NOTHING_FOUND",
    `Neither a mail server nor a client of a CA was found ${destination === null ? "on this machine" : `at ${destination}`}.`,
    "Give the destination of the mail server, --become if the login is not root, or --root if its files are below another directory.",
  );
}
