import { listed } from "../../../shared/errors/wording";
import { parseHostName } from "../../../shared/host-name";
import { MAIL_PORTS, type MailPort } from "../../../shared/service/usual-ports";
import type { SniTableDocument, SniTableHost } from "../../../shared/sni-table/document";
import { CliError } from "../../errors/cli-error";
import { MOST_ADDRESSES, resolvedAddresses } from "../../inputs/addresses";
import type { ReachedHosts } from "../../inputs/reached-hosts";
import { questionsByHand } from "./by-hand";
import { type CurrentCertificates, type ExpectationOptions, questionsOfTable } from "./expectations";
import type { Connect } from "./option-values";
import type { Addresses, Question } from "./question";

/**
 * The questions about the names on the command line, without a table.
 *
 * @param ports the given ports; null checks all mail ports, of which some may be closed
 * @param complain is told which names DNS does not answer for
 * @throws MailSniError if one is not a host name; CliError `CLI_OPTION`
 */
export async function planByHand(
  given: readonly string[],
  connect: readonly Connect[],
  ports: readonly MailPort[] | null,
  complain: (message: string) => void,
): Promise<Iterable<Question>> {
  const names = [...new Set(given.map((name) => parseHostName(name)))];
  const other = connect.find(({ host }) => host !== null && !names.some((name) => name === host));
  if (other !== undefined) throw notGiven(other, names);
  const fixed = (name: string) =>
    distinct(connect.filter(({ host }) => host === null || host === name).map(({ address }) => address));
  const open = names.filter((name) => fixed(name).length === 0);
  const resolved = await addressesIn(open, complain);
  const questions = questionsByHand({
    names,
    addresses: (name) => {
      const addresses = fixed(name);
      return addresses.length > 0 ? addresses : (resolved.get(name) ?? [null]);
    },
    ports: ports ?? MAIL_PORTS,
    answer: ports === null ? "not-needed" : "required",
  });
  return withoutRepetition(questions);
}

export interface TablePlanOptions {
  readonly table: SniTableDocument;
  /** The names to request; empty for all names of the table. */
  readonly names: readonly string[];
  readonly connect: readonly Connect[];
  /** The ports to check; null for all ports of the table. */
  readonly ports: readonly MailPort[] | null;
  /** The current certificates that a host of a stack should present. */
  readonly current: (stack: string, host: string) => CurrentCertificates;
  readonly deep: boolean;
  /**
   * The hosts that make the handshakes with themselves, over SSH. Other hosts are skipped.
   *
   * @default - this machine connects to the addresses from DNS
   */
  readonly through?: ReachedHosts;
  /** Is told which names DNS does not answer for. */
  readonly complain: (message: string) => void;
}

/**
 * The questions about the names of a table.
 *
 * @throws CliError `CLI_NAME_UNKNOWN`, `CLI_OPTION`
 */
export async function planOfTable(options: TablePlanOptions): Promise<Iterable<Question>> {
  const { connect, ports, current, deep, through, complain } = options;
  const table = narrowed(options);
  checkConnect(table, connect);
  const places = through === undefined ? await placesFromHere(table, connect, complain) : placesOf(through);
  return withoutRepetition(filtered(questionsOfTable(table, { places, current, deep }), ports));
}

type Places = ExpectationOptions["places"];

function placesOf(through: ReachedHosts): Places {
  return ({ stack, host }, _, { service, port }) => {
    const reached = through.find(stack, host);
    if (reached === undefined) return [];
    const { ssh } = reached;
    return [{ address: reached.addressOf(service ?? "", port), ...(ssh !== null && { through: ssh }) }];
  };
}

async function placesFromHere(
  table: SniTableDocument,
  connect: readonly Connect[],
  complain: (message: string) => void,
): Promise<Places> {
  const fixed = (host: SniTableHost) =>
    distinct(
      connect.filter((one) => one.host === null || one.host === host.host).map(({ address }) => address),
    );
  const open = table.hosts.filter((host) => fixed(host).length === 0);
  const names = open.flatMap((host) => [...namesOf(host)]);
  const resolved = await addressesIn(names, complain);
  const addresses = (host: SniTableHost, name: string | null): Addresses => {
    const given = fixed(host);
    if (given.length > 0) return given;
    // Without SNI, or for a name that clients cannot resolve, uses the addresses of the host's other names.
    const known = name !== null && namesOf(host).has(name) ? resolved.get(name) : undefined;
    return known ?? (name !== null && namesOf(host).has(name) ? [null] : firstOf(host, resolved));
  };
  return (host, name) => addresses(host, name).map((address) => ({ address }));
}

/** The addresses of names in DNS. */
async function addressesIn(
  names: readonly string[],
  complain: (message: string) => void,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { addresses, unanswered, cut } = await resolvedAddresses(names);
  if (unanswered.length > 0) {
    complain(
      `DNS did not answer for ${listed(unanswered)}, so they count as names without an address. Check the resolver of this machine, or set the server's address with --connect ADDRESS.`,
    );
  }
  if (cut.length > 0)
    complain(`Of the addresses of ${listed(cut)}, only the first ${MOST_ADDRESSES} are asked.`);
  return addresses;
}

const namesOfHosts = new WeakMap<SniTableHost, ReadonlySet<string>>();

/** The names that clients may look up. */
function namesOf(host: SniTableHost): ReadonlySet<string> {
  const known = namesOfHosts.get(host);
  if (known !== undefined) return known;
  const rows = host.services.flatMap(({ names }) => names);
  const names = new Set(rows.flatMap(({ name }) => (/[*?]/.test(name) ? [] : [name])));
  namesOfHosts.set(host, names);
  return names;
}

function firstOf(host: SniTableHost, resolved: ReadonlyMap<string, readonly string[]>): Addresses {
  for (const name of namesOf(host)) {
    const addresses = resolved.get(name);
    if (addresses !== undefined) return addresses;
  }
  return [null];
}

/** The questions about given ports. Each of them has to answer. */
function* filtered(questions: Iterable<Question>, ports: readonly MailPort[] | null): Generator<Question> {
  if (ports === null) return yield* questions;
  for (const question of questions) {
    if (!ports.some(({ port }) => port === question.endpoint.port)) continue;
    yield { ...question, expected: { ...question.expected, answer: "required" } };
  }
}

/** Keeps one question for each name without an address: the others would report the same. */
function* withoutRepetition(questions: Iterable<Question>): Generator<Question> {
  const told = new Set<string>();
  for (const question of questions) {
    const { address, asked, endpoint } = question;
    if (address === null) {
      if (asked.kind !== "name" || told.has(`${endpoint.host} ${asked.name}`)) continue;
      told.add(`${endpoint.host} ${asked.name}`);
    }
    yield question;
  }
}

/** The table, reduced to the given names. */
function narrowed({ table, names }: TablePlanOptions): SniTableDocument {
  if (names.length === 0) return table;
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const known = new Set(
    table.hosts.flatMap(({ services }) => services.flatMap((one) => one.names.map(({ name }) => name))),
  );
  const unknown = [...wanted].find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new CliError(
      "CLI_NAME_UNKNOWN",
      `The table has no name ${JSON.stringify(unknown)}.`,
      "Write it as sni-table.md has it; or leave --table out, which asks for any name.",
    );
  }
  const hosts = table.hosts.map((host) => ({
    ...host,
    services: host.services.map((service) => ({
      ...service,
      names: service.names.filter(({ name }) => wanted.has(name)),
    })),
  }));
  return { ...table, hosts };
}

function notGiven({ host, address }: Connect, names: readonly string[]): CliError {
  return new CliError(
    "CLI_OPTION",
    `--connect has ${JSON.stringify(`${host}=${address}`)}, and ${host} is not asked for.`,
    `Give one of ${listed(names)} in front of the address, or the address alone.`,
  );
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

function checkConnect({ hosts }: SniTableDocument, connect: readonly Connect[]): void {
  for (const { host, address } of connect) {
    if (host === null && new Set(hosts.map((one) => one.host)).size > 1) {
      throw new CliError(
        "CLI_OPTION",
        `--connect ${address} does not say which of the table's hosts is there.`,
        `Write it as HOST=${address}.`,
      );
    }
    if (host !== null && !hosts.some((one) => one.host === host)) {
      throw new CliError(
        "CLI_OPTION",
        `The table has no host ${JSON.stringify(host)}.`,
        `Give one of ${listed(hosts.map((one) => one.host))}.`,
      );
    }
  }
}
