import { fetchedResult, fetchResult } from "../../shared/host-job/fetched-result";
import { type JobResult, JobResultUnreadable, type JobRow } from "../../shared/host-job/job-result";
import { printableLine } from "../../shared/text/printable";
import { sentence } from "../../shared/transport/sentence";
import { SessionLost } from "../../shared/transport/session";
import type { Transports } from "../../shared/transport/ssh/transports";
import { HostUnreachable } from "../../shared/transport/unreachable";
import { type IssuingHost, issuingHostsOf } from "./issuing-hosts";
import type { SynthesizedStack } from "./project";
import { hostsOf, type StackHost } from "./stack-hosts";

/** What a mail host says about a certificate that it issues itself. */
export interface HostStatement {
  readonly host: string;
  /** `unknown` if the host could not be asked, or says nothing about the certificate. */
  readonly status: JobRow["status"] | "unknown";
  /** One sentence at most: why the renewal failed, what is pending, or why the status is unknown. May be empty. */
  readonly message: string;
  /** SHA-256 of the certificate that the host has installed, in lower-case hex; null if unknown. */
  readonly fingerprint: string | null;
  readonly notAfter: Date | null;
  /** When the run that says so ended, RFC 3339, by the clock of the host; null if unknown. */
  readonly finishedAt: string | null;
  /** The command on the host that renews and installs; null if unknown. */
  readonly command: string | null;
}

/** The statements of each host, by mail domain. */
export type HostStatements = ReadonlyMap<string, ReadonlyMap<string, HostStatement>>;

export interface StatementOptions {
  /** The connections to hosts; null asks none. */
  readonly transports: Transports | null;
  /** Is told in one line which host cannot be asked, and of which certificates a host says that something is wrong. */
  readonly complain: (message: string) => void;
}

/** The shell on a host reads one small file. */
const LIFETIME_MS = 30_000;
/** How many hosts are asked at a time. */
const HOSTS_AT_ONCE = 8;
/** How many certificates of a host a line names. */
const MOST_NAMED = 5;

/**
 * Asks the hosts of a stack about the certificates that they issue themselves: reads the result file of the last run on each,
 * and nothing else. A host that cannot be asked holds back no other.
 *
 * @throws CliError `CLI_PROJECT_INVALID`
 */
export async function hostStatements(
  stack: SynthesizedStack,
  options: StatementOptions,
): Promise<HostStatements> {
  const waiting = [...issuingHostsOf(stack)];
  if (waiting.length === 0) return new Map();
  const hosts = hostsOf(stack);
  const statements = new Map<string, ReadonlyMap<string, HostStatement>>();
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { host } = next;
      const said = await statementsOf(next, hosts.get(host), options);
      statements.set(host, new Map([...(statements.get(host) ?? []), ...said]));
    }
  };
  await Promise.all(Array.from({ length: HOSTS_AT_ONCE }, work));
  return statements;
}

/** A certificate about which its host cannot be asked. */
export function unknownStatement(host: string, reason: string, command: string | null = null): HostStatement {
  const message = sentence(printableLine(reason));
  return { host, status: "unknown", message, fingerprint: null, notAfter: null, finishedAt: null, command };
}

async function statementsOf(
  issuing: IssuingHost,
  reached: StackHost | string | undefined,
  { transports, complain }: StatementOptions,
): Promise<[domain: string, said: HostStatement][]> {
  const { host, domains, command } = issuing;
  if (transports === null) {
    const unasked = unknownStatement(host, "it was not asked (--no-ssh)", command);
    return domains.map((domain) => [domain, unasked]);
  }
  const result = await resultOf(issuing, reached, transports);
  if (typeof result === "string") {
    const unknown = unknownStatement(host, result, command);
    complain(notCompared(host, unknown.message));
    return domains.map((domain) => [domain, unknown]);
  }
  const rows = new Map(result.rows.map((row) => [row.name, row]));
  const statements = domains.map((domain): [string, HostStatement] => [
    domain,
    statementIn(rows.get(domain), result, issuing),
  ]);
  const line = wrongIn(host, statements, result);
  if (line !== null) complain(line);
  return statements;
}

/** The line about a host whose certificates are not compared. */
export function notCompared(host: string, reason: string): string {
  return `The certificates that ${host} issues itself are not compared with what it has installed: ${reason}`;
}

/** The result of the last run; or why it cannot be had. */
async function resultOf(
  { resultFile }: IssuingHost,
  reached: StackHost | string | undefined,
  transports: Transports,
): Promise<JobResult | string> {
  if (typeof reached === "string") return reached;
  if (reached === undefined) return "the provider of its stack does not connect to it";
  try {
    const session = await transports.to(reached).open(LIFETIME_MS);
    try {
      const result = fetchedResult(await session.call(...fetchResult(resultFile)));
      if (result instanceof JobResultUnreadable) return `${resultFile} cannot be read: ${result.message}`;
      return result ?? `there is no ${resultFile}: no run has ended there yet`;
    } finally {
      await session.close();
    }
  } catch (error) {
    if (!(error instanceof HostUnreachable || error instanceof SessionLost)) throw error;
    return error.message;
  }
}

function statementIn(
  row: JobRow | undefined,
  { finishedAt }: JobResult,
  { host, command }: IssuingHost,
): HostStatement {
  if (row === undefined)
    return unknownStatement(host, "the result of the last run has no such certificate", command);
  const { status, message, fingerprint, notAfter } = row;
  const known = { fingerprint, notAfter: notAfter === null ? null : new Date(notAfter) };
  return { host, status, message, ...known, finishedAt, command };
}

/** The line about the certificates of a host that are not as they should be; null if all are. */
function wrongIn(
  host: string,
  statements: readonly [domain: string, said: HostStatement][],
  { finishedAt, exitStatus }: JobResult,
): string | null {
  const wrong = statements.filter(([, { status }]) => status !== "ok");
  const run = `The last run on ${host}, which ended at ${finishedAt},`;
  if (wrong.length === 0)
    return exitStatus === 0 ? null : `${run} has failed with exit status ${exitStatus}. Its log says why.`;
  const named = wrong.slice(0, MOST_NAMED).map(([domain, { status, message }]) => {
    const reason = message === "" ? "" : `: ${message.replace(/\.$/, "")}`;
    return `${domain} (${status}${reason})`;
  });
  const more = wrong.length > MOST_NAMED ? ` and ${wrong.length - MOST_NAMED} more` : "";
  return `${run} has not succeeded for ${named.join(", ")}${more}.`;
}
