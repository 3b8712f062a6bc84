import { printableLine } from "../../shared/printable";
import { type Session, SessionLost } from "../../shared/transport/session";
import { Transports } from "../../shared/transport/ssh/transports";
import { HostUnreachable } from "../../shared/transport/unreachable";
import { NameLookups } from "../dns/name-lookups";
import { CliError } from "../errors/cli-error";
import { terminalOf } from "../output/terminal";
import { writeTo } from "../output/write-to";
import type { Io } from "../process/io";
import { Certificates } from "./findings/certificates";
import { declarationsOf } from "./findings/declarations";
import { dnsFindings } from "./findings/dns";
import { findingsOf, sorted } from "./findings/findings";
import { HostLook } from "./gather/host-look";
import { type HostFacts, missingLookTools, readHost } from "./host/read-host";
import { connectionTo, printedReach, type ReachFlags } from "./reach";
import { exitCodeOf, type ImportResult } from "./reports/import-result";
import { jsonReport } from "./reports/json";
import { foundParts } from "./reports/subject";
import { textReport } from "./reports/text";
import { printedStack } from "./stack/stack";

/** The options as commander parses them. */
export interface ImportFlags extends ReachFlags {
  /** False for `--no-dns`. */
  readonly dns: boolean;
  readonly dnsServer?: readonly string[];
  readonly withKeys?: string;
  readonly json?: boolean;
}

/** The time for all questions to a host, after which its shell is ended. */
const LIFETIME_MS = 300_000;

/**
 * Looks at a host, prints a stack, and reports.
 *
 * @param destination null for this machine
 * @returns the exit status
 * @throws CliError if the host cannot be looked at
 */
export async function importHost(destination: string | null, flags: ImportFlags, io: Io): Promise<number> {
  const facts = await throughShell(destination, flags, (host) => readHost(host));
  if (facts.servers.length === 0 && facts.rows.length === 0 && facts.dovecot === null)
    throw nothingFound(destination);
  const result = await resultOf(facts, destination, flags, io.now());
  const terminal = terminalOf(io.stderr, io.environment);
  if (flags.json) await writeTo(io.stdout, jsonReport(result, io.now()));
  else {
    await writeTo(io.stderr, textReport(result, terminal));
    if (result.program !== null) await writeTo(io.stdout, result.program);
  }
  return exitCodeOf(result);
}

async function resultOf(
  facts: HostFacts,
  destination: string | null,
  flags: ImportFlags,
  now: Date,
): Promise<ImportResult> {
  const certificates = new Certificates(facts, now);
  const declarations = declarationsOf(facts, certificates);
  const { declared } = declarations;
  const reach = printedReach(destination, flags);
  const stack = printedStack(facts, declared, certificates, reach);
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

/** Opens a shell on the host for a piece of work. @throws CliError if there is none, or it lacks tools */
async function throughShell<T>(
  destination: string | null,
  flags: ReachFlags,
  work: (host: HostLook) => Promise<T>,
): Promise<T> {
  const connection = connectionTo(destination, flags);
  const transports = new Transports();
  let session: Session | undefined;
  try {
    session = await transports.to(connection).open(LIFETIME_MS);
    const host = new HostLook(session, connection.root);
    const missing = await missingLookTools(host);
    if (missing.length > 0) throw toolsMissing(missing);
    return await work(host);
  } catch (error) {
    if (error instanceof HostUnreachable || error instanceof SessionLost) throw unreachable(error);
    throw error;
  } finally {
    await session?.close().catch(() => {});
    await transports.close();
  }
}

function unreachable({ problem, remedy, keyLine }: HostUnreachable | SessionLost): CliError {
  const advice = remedy ?? "Log in to it by hand, with ssh -v, to see more";
  const key = keyLine === undefined ? "" : ` ${keyLine}`;
  return new CliError("CLI_HOST_UNREACHABLE", `${stopped(problem)}`, `${stopped(advice)}${key}`);
}

function stopped(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
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
