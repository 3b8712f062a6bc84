import {
  type ArrivalBlock,
  type ConfigBlock,
  DEFAULT_ENDPOINT_ADDRESS,
  type EndpointBlock,
  FIRST_OR_LAST,
  type HostBlock,
  type JournalBlock,
  type NameBlocksBlock,
  ON_UNREACHABLE,
  OWNERSHIPS,
  type ProviderBlock,
  type ServiceBlock,
  type VersionBlock,
} from "../shared/provider-block/blocks";
import { PROTOCOLS } from "../shared/tls/protocols";
import { UNREACHABLE_VARIABLE } from "./environment";
import type { AttributesOf } from "./protocol/schema/attributes-of";
import { attribute } from "./protocol/schema/schema";

/** Appended to the description of each attribute that names a local file. */
const LOCAL_FILE =
  "A path on the machine that runs the engine; a relative path is relative to the stack's folder, and " +
  "`~/` is the home directory.";

const command = (description: string) =>
  attribute.list("string", {
    description: `${description} An argument list, run without a shell.`,
    optional: true,
  });

const endpoint = {
  port: attribute.number({ description: "TCP port.", required: true }),
  protocol: attribute.choice(PROTOCOLS, {
    description:
      "`tls` for implicit TLS, or the protocol whose STARTTLS is used: `smtp`, `imap`, `pop3` or `sieve`.",
    required: true,
  }),
  address: attribute.string({ description: `Default: \`${DEFAULT_ENDPOINT_ADDRESS}\`.`, optional: true }),
  sni: attribute.bool({
    description:
      "Whether the service evaluates the client's SNI there. If not, it presents the default certificate to all clients, " +
      "which only a `canary` is asked for. Default: true.",
    optional: true,
  }),
} satisfies AttributesOf<EndpointBlock>;

const config = {
  file: attribute.string({ description: "The main configuration file.", required: true }),
  include: attribute.string({
    description: "The line that includes the file `{path}` in a configuration file.",
    required: true,
  }),
  position: attribute.choice(FIRST_OR_LAST, {
    description: "Whether new files are included `first` or `last` in the configuration to be checked.",
    required: true,
  }),
  head: attribute.string({
    description: "Lines of `file` that match this extended regular expression stay in front of new files.",
    optional: true,
  }),
  includes: attribute.string({
    description:
      "The second word of lines that match this extended regular expression is an included file, or a " +
      "pattern of files. Messages then say where something is configured.",
    optional: true,
  }),
} satisfies AttributesOf<ConfigBlock>;

const version = {
  print: attribute.list("string", {
    description: "Prints the installed version. Its exit status is ignored.",
    required: true,
  }),
  pattern: attribute.string({
    description:
      "A JavaScript regular expression, matched against each line of the output; its first group is the " +
      "version.",
    required: true,
  }),
  expected: attribute.string({
    description: "The version that the files are written for.",
    required: true,
  }),
  advice: attribute.string({
    description: "What to do if another version is installed, in one sentence.",
    required: true,
  }),
} satisfies AttributesOf<VersionBlock>;

const arrival = {
  list: attribute.list("string", { description: "Prints the effective configuration.", required: true }),
  pattern: attribute.string({
    description:
      "A JavaScript regular expression. A line of the output matches it if the service reads the files of " +
      "the resource with the role `base`.",
    required: true,
  }),
  advice: attribute.string({
    description: "What to do if no line matches, in one sentence.",
    required: true,
  }),
} satisfies AttributesOf<ArrivalBlock>;

const nameBlocks = {
  list: attribute.list("string", { description: "Prints the effective configuration.", required: true }),
  pattern: attribute.string({
    description: "A JavaScript regular expression; its first group is the names of a block.",
    required: true,
  }),
  winner: attribute.choice(FIRST_OR_LAST, {
    description:
      "Which of several blocks for a name applies, in the order in which they are printed: `first` or " +
      "`last`. Without it the service is asked if there are several.",
    optional: true,
  }),
} satisfies AttributesOf<NameBlocksBlock>;

const service = {
  config: attribute.object(config, {
    description:
      "How a new file is checked together with the existing configuration before it is swapped in.",
    optional: true,
  }),
  version: attribute.object(version, {
    description:
      "How the installed version is determined. Nothing is written for a service that is not installed or " +
      "has another version.",
    optional: true,
  }),
  arrival: attribute.object(arrival, {
    description: "Detects a service that does not read its files.",
    optional: true,
  }),
  build: command(
    "Run after the configuration has been swapped in, with umask 077; for example `postmap`, whose table " +
      "contains keys.",
  ),
  check: command("Exits 0 if the configuration `{candidate}` is valid."),
  activate: command("Makes the service load changed files. Without it the service needs no reload."),
  running: command("Exits 0 while the service runs."),
  default_certificate: command("Prints the certificate file for clients without SNI, or nothing."),
  chosen: command("Prints the certificate file that the configuration selects for `{name}`."),
  name_blocks: attribute.object(nameBlocks, {
    description: "Finds blocks for names, so that a name that another block overrides is detected.",
    optional: true,
  }),
  endpoints: attribute.objects(endpoint, {
    description:
      "Where the service presents certificates. A change is confirmed at one of them, or on a `canary` at all.",
    optional: true,
  }),
} satisfies AttributesOf<ServiceBlock>;

const host = {
  address: attribute.string({
    description:
      "Where `ssh` connects to: `user@host:port`, where user and port are optional and an IPv6 address is " +
      "in brackets, or the name of a `Host` in the ssh configuration. Without it the host is the machine " +
      "that runs the engine.",
    optional: true,
  }),
  ssh_config_file: attribute.string({
    description: `The \`ssh\` configuration file, instead of the user's and the system's. ${LOCAL_FILE}`,
    optional: true,
  }),
  identity_file: attribute.string({
    description:
      "The only private key to log in with, except on jump hosts; a certificate beside it is used, too. " +
      `Default: the keys of the agent and the ssh configuration. ${LOCAL_FILE}`,
    optional: true,
  }),
  known_hosts_file: attribute.string({
    description: `The known hosts file, instead of the user's \`known_hosts\`. ${LOCAL_FILE}`,
    optional: true,
  }),
  host_keys: attribute.list("string", {
    description:
      "Public keys of the host (`ssh-ed25519 AAAA…`), or lines of a known_hosts file, such as those for " +
      "jump hosts and certificate authorities. Only these and those in `known_hosts_file` are trusted.",
    optional: true,
  }),
  proxy_jump: attribute.string({
    description: "Jump hosts in the format of `address`, separated by commas, the nearest first.",
    optional: true,
  }),
  become: command(
    'Runs the shell with the required privileges, such as `["sudo", "-n"]`. Without it the shell has those of the login user.',
  ),
  gone: attribute.bool({
    description:
      "The host no longer exists and is not contacted. A refresh keeps its last known state, and deleting " +
      "succeeds.",
    optional: true,
  }),
  canary: attribute.bool({
    description:
      "Whether other hosts wait for this one (`depends_on`). A change is then confirmed for every name at every endpoint of " +
      "its services, rather than for one name at one endpoint, and errors say that the other hosts wait. Default: false.",
    optional: true,
  }),
  on_unreachable: attribute.choice(ON_UNREACHABLE, {
    description:
      "`fail` (the default): a host that cannot be reached or used is an error. `warn`: during a refresh it is a " +
      "warning, and the last known state is kept; changes to the host still fail. The same is true of a host with " +
      "another host key, to which nothing is sent. The environment variable " +
      `\`${UNREACHABLE_VARIABLE}\` has the same values and overrides this.`,
    optional: true,
  }),
  root: attribute.string({
    description:
      "The directory that all paths are below. Default: `/`. Without `address` a relative one is relative " +
      "to the stack's folder.",
    optional: true,
  }),
  ownership: attribute.choice(OWNERSHIPS, {
    description:
      "`apply`: owners are set and compared, and services are reloaded; the default if `root` is `/`. " +
      "`skip`: neither; the default otherwise.",
    optional: true,
  }),
  state_directory: attribute.string({
    description: "The directory of the host's ledger and lock, below `root`. Default: `/var/lib/mail-sni`.",
    optional: true,
  }),
  services: attribute.objectMap(service, {
    description: "Services that read the files, by name.",
    optional: true,
  }),
} satisfies AttributesOf<HostBlock>;

const journal = {
  directory: attribute.string({
    description:
      "A directory that only the user who runs the engine can enter. It is created if it is missing. " +
      `Default: \`mail-sni\` in \`$XDG_STATE_HOME\`, or in \`~/.local/state\`. ${LOCAL_FILE}`,
    optional: true,
  }),
  hosts: attribute.list("string", {
    description:
      "Keys of `hosts`, for runners that are new each time: entries are written to `journal` in the state directory of each, " +
      "which only the user of the provider's shell there can read. Requires the environment variable " +
      "`MAIL_SNI_KEY_PASSPHRASE`: the keys are encrypted.",
    optional: true,
  }),
} satisfies AttributesOf<JournalBlock>;

export const attributes = {
  stack: attribute.string({
    description: "The stack's name, by which a host's ledger records who owns a file.",
    required: true,
  }),
  hosts: attribute.objectMap(host, { description: "Mail hosts by name.", optional: true }),
  journal: attribute.object(journal, {
    description:
      "Where the provider writes down what it orders from a CA before it does: an engine that is killed before it saves its state " +
      "then loses neither keys nor certificates, because the next apply goes on with the orders. Either `directory` or `hosts`. " +
      "The environment variable `MAIL_SNI_JOURNAL` overrides this with `off` or the absolute path of a directory.",
    optional: true,
  }),
} satisfies AttributesOf<ProviderBlock>;

export type ProviderAttributes = typeof attributes;
export type HostAttributes = typeof host;
export type ServiceAttributes = typeof service;
