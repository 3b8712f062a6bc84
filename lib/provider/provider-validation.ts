import { JOURNAL_VARIABLE, OFF } from "../shared/journal/place";
import { type ConnectionFault, connectionFaults } from "../shared/provider-block/connection-faults";
import type { Summary } from "../shared/summary";
import { CONFIGURATION } from "./messages/configuration";
import { JOURNAL } from "./messages/journal";
import type { Diagnostics } from "./protocol/diagnostics";
import { VALUE } from "./protocol/messages";
import type { PlannedOf } from "./protocol/resource";
import type { AttributePath } from "./protocol/schema/attribute-path";
import { isUnknown, type Plannable, type Unknown } from "./protocol/values/unknown";
import type { HostAttributes, ProviderAttributes, ServiceAttributes } from "./provider-schema";
import { notDeclared } from "./resources/named-host";
import { refuseNul } from "./resources/program-arguments";

/** Refuses what is invalid in a provider block. Values that are unknown pass. */
export function validateProvider(
  { stack, hosts, journal }: PlannedOf<ProviderAttributes>,
  diagnostics: Diagnostics,
): void {
  if (typeof stack === "string" && !/^[^\s\x7f]{1,200}$/.test(stack)) {
    diagnostics.error(
      CONFIGURATION.notStack,
      `${JSON.stringify(stack)} is empty, too long or contains white space. Choose another name.`,
      ["stack"],
    );
  }
  validateJournal(journal, hosts, diagnostics);
  if (hosts === null || isUnknown(hosts)) return;
  for (const [name, host] of Object.entries(hosts)) {
    validateKey(CONFIGURATION.notHostId, name, ["hosts", name], diagnostics);
    if (!isUnknown(host)) validateHost(host, ["hosts", name], diagnostics);
  }
}

function validateJournal(
  journal: PlannedOf<ProviderAttributes>["journal"],
  hosts: PlannedOf<ProviderAttributes>["hosts"],
  diagnostics: Diagnostics,
): void {
  if (journal === null || isUnknown(journal)) return;
  const { directory, hosts: names } = journal;
  const isOne = (directory === null) !== (names === null) && !(Array.isArray(names) && names.length === 0);
  if (!isOne || directory === "") {
    diagnostics.error(
      JOURNAL.notPlace,
      "Write either directory, a path on this machine, or hosts, at least one name of the provider's hosts. To have no journal, set " +
        `the environment variable ${JOURNAL_VARIABLE} to "${OFF}".`,
      ["journal"],
    );
  }
  if (isUnknown(hosts) || names === null || isUnknown(names)) return;
  for (const [index, name] of names.entries()) {
    if (isUnknown(name) || (hosts !== null && Object.hasOwn(hosts, name))) continue;
    diagnostics.error(JOURNAL.notPlace, notDeclared(name), ["journal", "hosts", index]);
  }
}

function validateHost(host: PlannedOf<HostAttributes>, path: AttributePath, diagnostics: Diagnostics): void {
  for (const { kind, path: place, message } of connectionFaults(host)) {
    diagnostics.error(CONNECTION_SUMMARIES[kind], message, [...path, ...place]);
  }
  if (host.services === null || isUnknown(host.services)) return;
  for (const [name, service] of Object.entries(host.services)) {
    const at = [...path, "services", name];
    validateKey(CONFIGURATION.notServiceName, name, at, diagnostics);
    if (isUnknown(service)) continue;
    validatePatterns(service, at, diagnostics);
    validateCommands(service, at, diagnostics);
    validatePorts(service, at, diagnostics);
  }
}

const CONNECTION_SUMMARIES: Readonly<Record<ConnectionFault["kind"], Summary>> = {
  ssh: CONFIGURATION.notReachable,
  "without-address": CONFIGURATION.sshWithoutAddress,
  directory: CONFIGURATION.notDirectoryPath,
};

/** Names of services are written to a host's ledger, names of hosts to messages. */
function validateKey(summary: Summary, name: string, path: AttributePath, diagnostics: Diagnostics): void {
  if (/^[^\p{Cc}]{1,200}$/u.test(name)) return;
  diagnostics.error(
    summary,
    `${JSON.stringify(name)} is empty, too long or has control characters in it. Write one line of at most 200 characters.`,
    path,
  );
}

function validatePatterns(
  service: PlannedOf<ServiceAttributes>,
  path: AttributePath,
  diagnostics: Diagnostics,
): void {
  for (const attribute of ["version", "arrival", "name_blocks"] as const) {
    const pattern = patternOf(service[attribute]);
    if (typeof pattern !== "string" || compiles(pattern)) continue;
    diagnostics.error(CONFIGURATION.notPattern, `"${pattern}" is not a valid regular expression.`, [
      ...path,
      attribute,
      "pattern",
    ]);
  }
}

/** `timeout` would end with an error that does not name the command. */
function validateCommands(
  service: PlannedOf<ServiceAttributes>,
  path: AttributePath,
  diagnostics: Diagnostics,
): void {
  for (const [command, place] of commandsOf(service)) {
    if (!Array.isArray(command)) continue;
    refuseNul(command, diagnostics, [...path, ...place]);
    if (command.length > 0 && command[0] !== "") continue;
    diagnostics.error(
      CONFIGURATION.noProgram,
      "The command begins with nothing that could be run. Leave it out, or set the program and its arguments.",
      [...path, ...place],
    );
  }
}

/** Each with its place in the service. */
function commandsOf(service: PlannedOf<ServiceAttributes>): (readonly [unknown, AttributePath])[] {
  const { version, arrival, name_blocks: blocks } = service;
  return [
    ...COMMANDS.map((name) => [service[name], [name]] as const),
    ...(isKnown(version) ? [[version.print, ["version", "print"]] as const] : []),
    ...(isKnown(arrival) ? [[arrival.list, ["arrival", "list"]] as const] : []),
    ...(isKnown(blocks) ? [[blocks.list, ["name_blocks", "list"]] as const] : []),
  ];
}

const COMMANDS = ["build", "check", "activate", "running", "default_certificate", "chosen"] as const;

function isKnown<T extends object>(entry: Plannable<T | null>): entry is Exclude<Plannable<T>, Unknown> {
  return entry !== null && !isUnknown(entry);
}

/** Nothing answers at any other number, so no certificate would ever be confirmed. */
function validatePorts(
  { endpoints }: PlannedOf<ServiceAttributes>,
  path: AttributePath,
  diagnostics: Diagnostics,
): void {
  if (endpoints === null || isUnknown(endpoints)) return;
  for (const [index, endpoint] of endpoints.entries()) {
    const port: unknown = isUnknown(endpoint) ? undefined : endpoint.port;
    if (typeof port !== "number" || (Number.isInteger(port) && port >= 1 && port <= 65_535)) continue;
    diagnostics.error(VALUE.outOfRange, `${port} is not a TCP port. Use a whole number from 1 to 65535.`, [
      ...path,
      "endpoints",
      index,
      "port",
    ]);
  }
}

function patternOf(entry: Plannable<{ pattern: string } | null>): Plannable<string | null> {
  return entry === null || isUnknown(entry) ? null : entry.pattern;
}

function compiles(pattern: string): boolean {
  try {
    new RegExp(pattern);
    return true;
  } catch {
    return false;
  }
}
