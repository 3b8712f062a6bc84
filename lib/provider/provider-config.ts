import { homedir } from "node:os";
import { join, posix, resolve } from "node:path";
import type { SshSettings } from "../shared/transport/ssh-settings";
import { TAKE_OVER_VARIABLE } from "./host/apply/other-state";
import type { HostSettings, ServiceSettings } from "./host/desired/host-settings";
import { attribute, type ValuesOf } from "./protocol/schema/schema";

/** Appended to the description of each attribute that names a local file. */
const LOCAL_FILE =
  "A path on the machine that runs the engine; a relative path is relative to the stack's folder, and " +
  "`~/` is the home directory.";
export const UNREACHABLE_VARIABLE = "MAIL_SNI_ON_UNREACHABLE";
export const UNREACHABLE_CHOICES = ["fail", "warn"] as const;

/** Whether `mailsni_served_certificates` asks hosts. */
export const SERVED_VARIABLE = "MAIL_SNI_SERVED";
export const SERVED_CHOICES = ["ask", "skip"] as const;

const command = (description: string) =>
  attribute.list("string", {
    description: `${description} An argument list, run without a shell.`,
    optional: true,
  });

const endpoint = {
  port: attribute.number({ description: "TCP port.", required: true }),
  protocol: attribute.string({
    description:
      "`tls` for implicit TLS, or the protocol whose STARTTLS is used: `smtp`, `imap`, `pop3` or `sieve`.",
    required: true,
  }),
  address: attribute.string({ description: "Default: `127.0.0.1`.", optional: true }),
};

const service = {
  config: attribute.object(
    {
      file: attribute.string({ description: "The main configuration file.", required: true }),
      include: attribute.string({
        description: "The line that includes the file `{path}` in a configuration file.",
        required: true,
      }),
      position: attribute.string({
        description: "Whether new files are included `first` or `last` in the configuration to be checked.",
        required: true,
      }),
      head: attribute.string({
        description:
          "Lines of `file` that match this extended regular expression stay in front of new files.",
        optional: true,
      }),
      includes: attribute.string({
        description:
          "The second word of lines that match this extended regular expression is an included file, or a " +
          "pattern of files. Messages then say where something is configured.",
        optional: true,
      }),
    },
    {
      description:
        "How a new file is checked together with the existing configuration before it is swapped in.",
      optional: true,
    },
  ),
  version: attribute.object(
    {
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
    },
    {
      description:
        "How the installed version is determined. Nothing is written for a service that is not installed or " +
        "has another version.",
      optional: true,
    },
  ),
  arrival: attribute.object(
    {
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
    },
    {
      description: "Detects a service that does not read its files.",
      optional: true,
    },
  ),
  build: command(
    "Run after the configuration has been swapped in, with umask 077; for example `postmap`, whose table " +
      "contains keys.",
  ),
  check: command("Exits 0 if the configuration `{candidate}` is valid."),
  activate: command("Makes the service load changed files. Without it the service needs no reload."),
  running: command("Exits 0 while the service runs."),
  default_certificate: command("Prints the certificate file for clients without SNI, or nothing."),
  chosen: command("Prints the certificate file that the configuration selects for `{name}`."),
  name_blocks: attribute.object(
    {
      list: attribute.list("string", { description: "Prints the effective configuration.", required: true }),
      pattern: attribute.string({
        description: "A JavaScript regular expression; its first group is the names of a block.",
        required: true,
      }),
      winner: attribute.string({
        description:
          "Which of several blocks for a name applies, in the order in which they are printed: `first` or " +
          "`last`. Without it the service is asked if there are several.",
        optional: true,
      }),
    },
    {
      description: "Finds blocks for names, so that a name that another block overrides is detected.",
      optional: true,
    },
  ),
  endpoints: attribute.objects(endpoint, {
    description: "Where the service presents certificates. A change is confirmed at one of them.",
    optional: true,
  }),
};

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
  on_unreachable: attribute.string({
    description:
      "`fail` (the default): a host that cannot be reached is an error. `warn`: during a refresh it is a " +
      "warning, and the last known state is kept; changes to the host still fail. The environment variable " +
      `\`${UNREACHABLE_VARIABLE}\` has the same values and overrides this.`,
    optional: true,
  }),
  root: attribute.string({
    description:
      "The directory that all paths are below. Default: `/`. Without `address` a relative one is relative " +
      "to the stack's folder.",
    optional: true,
  }),
  ownership: attribute.string({
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
};

export const attributes = {
  stack: attribute.string({
    description: "The stack's name, by which a host's ledger records who owns a file.",
    required: true,
  }),
  hosts: attribute.objectMap(host, { description: "Mail hosts by name.", optional: true }),
};

export type ProviderAttributes = typeof attributes;
export type HostConfig = NonNullable<ValuesOf<ProviderAttributes>["hosts"]>[string];
type ServiceConfig = NonNullable<HostConfig["services"]>[string];

const DEFAULT_STATE_DIRECTORY = "/var/lib/mail-sni";

/**
 * @param environment may override `on_unreachable`
 * @throws MailSniError if a value that was unknown to `validate` is not allowed
 */
export function hostSettings(
  name: string,
  config: HostConfig,
  environment: Readonly<Record<string, string | undefined>> = {},
): HostSettings {
  const ssh = sshSettings(config);
  const root = (ssh ? posix.normalize : resolve)(config.root ?? "/");
  return {
    name,
    ssh,
    gone: config.gone === true,
    onUnreachable: onUnreachable(environment, config.on_unreachable),
    root,
    stateDirectory: posix.normalize(config.state_directory ?? DEFAULT_STATE_DIRECTORY),
    applyOwnership: config.ownership === null ? root === "/" : config.ownership === "apply",
    services: new Map(
      Object.entries(config.services ?? {}).map(([key, value]) => [key, serviceSettings(key, value)]),
    ),
  };
}

/** @param configured `on_unreachable` of the host; null for hosts that are no longer declared */
export function onUnreachable(
  environment: Readonly<Record<string, string | undefined>>,
  configured: string | null = null,
): "fail" | "warn" {
  return (environment[UNREACHABLE_VARIABLE] || configured) === "warn" ? "warn" : "fail";
}

/** Identities of lost states whose files this run takes over. */
export function takesOver(environment: Readonly<Record<string, string | undefined>>): Set<string> {
  return new Set((environment[TAKE_OVER_VARIABLE] ?? "").split(/[\s,]+/).filter(Boolean));
}

function sshSettings(config: HostConfig): SshSettings | null {
  if (config.address === null) return null;
  return {
    address: config.address,
    configFile: localFile(config.ssh_config_file),
    identityFile: localFile(config.identity_file),
    knownHostsFile: localFile(config.known_hosts_file),
    hostKeys: config.host_keys,
    proxyJump: config.proxy_jump,
    become: config.become,
  };
}

function localFile(path: string | null): string | null {
  if (path === null) return null;
  return path.startsWith("~/") ? join(homedir(), path.slice(2)) : resolve(path);
}

function serviceSettings(name: string, config: ServiceConfig): ServiceSettings {
  return {
    name,
    config: config.config && {
      file: config.config.file,
      include: config.config.include,
      position: config.config.position === "first" ? "first" : "last",
      head: config.config.head,
      includes: config.config.includes,
    },
    version: config.version,
    arrival: config.arrival,
    build: config.build,
    check: config.check,
    activate: config.activate,
    running: config.running,
    defaultCertificate: config.default_certificate,
    chosen: config.chosen,
    nameBlocks: config.name_blocks && {
      ...config.name_blocks,
      winner: config.name_blocks.winner as "first" | "last" | null,
    },
    endpoints: (config.endpoints ?? []).map(({ port, protocol, address }) => ({
      port,
      protocol: protocol as ServiceSettings["endpoints"][number]["protocol"],
      address: address ?? "127.0.0.1",
    })),
  };
}
