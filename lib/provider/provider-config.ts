import { homedir } from "node:os";
import { join, posix, resolve } from "node:path";
import type { SshSettings } from "../shared/transport/ssh-settings";
import { TAKE_OVER_VARIABLE } from "./host/apply/other-state";
import type { HostSettings, ServiceSettings } from "./host/desired/host-settings";
import { attribute, type ValuesOf } from "./protocol/schema/schema";

/** Said of each file that is named. */
const LOCAL_FILE =
  "On the machine that runs the engine; a relative path is relative to the stack's folder, and `~/` is the home directory.";
export const UNREACHABLE_VARIABLE = "MAIL_SNI_ON_UNREACHABLE";
export const UNREACHABLE_CHOICES = ["fail", "warn"] as const;

const command = (description: string) =>
  attribute.list("string", {
    description: `${description} An argument list, run without a shell.`,
    optional: true,
  });

const endpoint = {
  port: attribute.number({ description: "TCP port.", required: true }),
  protocol: attribute.string({
    description: "`tls`, or how TLS is asked for: `smtp`, `imap`, `pop3` or `sieve`.",
    required: true,
  }),
  address: attribute.string({ description: "`127.0.0.1` by default.", optional: true }),
};

const service = {
  config: attribute.object(
    {
      file: attribute.string({ description: "The main configuration file.", required: true }),
      include: attribute.string({
        description: "The line that includes the file `{path}` in another one.",
        required: true,
      }),
      position: attribute.string({
        description: "Whether new files come `first` or `last` in a configuration that is tried.",
        required: true,
      }),
      head: attribute.string({
        description: "Lines of `file` that match this extended regular expression come before everything.",
        optional: true,
      }),
      includes: attribute.string({
        description:
          "The second word of lines that match this extended regular expression is a file, or a pattern of files, that is " +
          "read there: so that a message can say where something is configured.",
        optional: true,
      }),
    },
    {
      description:
        "How a new file is tried together with the configuration that is there, before it is swapped in.",
      optional: true,
    },
  ),
  version: attribute.object(
    {
      print: attribute.list("string", {
        description: "Prints the version of what is installed, with any exit status.",
        required: true,
      }),
      pattern: attribute.string({
        description:
          "A regular expression as JavaScript has them, for one line of the output; its first group is the version.",
        required: true,
      }),
      expected: attribute.string({ description: "The version that the files are for.", required: true }),
      advice: attribute.string({
        description: "What to do where it is another one, in one sentence.",
        required: true,
      }),
    },
    {
      description:
        "How the installed version is found. Nothing is written for a service that is not installed, or is of another version.",
      optional: true,
    },
  ),
  arrival: attribute.object(
    {
      list: attribute.list("string", { description: "Prints the effective configuration.", required: true }),
      pattern: attribute.string({
        description:
          "A regular expression as JavaScript has them: a line of the output matches it where the service reads the " +
          "files of the resource with the role `base`.",
        required: true,
      }),
      advice: attribute.string({
        description: "What to do where no line matches, in one sentence.",
        required: true,
      }),
    },
    {
      description: "How a service is noticed that does not read what is written for it.",
      optional: true,
    },
  ),
  build: command(
    "Run after the configuration has been swapped, with umask 077; such as `postmap`, whose table holds keys.",
  ),
  check: command("Exits 0 if the configuration `{candidate}` is sound."),
  activate: command("Has the service load what has changed. Without it nothing has to be loaded."),
  running: command("Exits 0 while the service runs."),
  default_certificate: command(
    "Prints the file of the certificate that clients without SNI are shown, or nothing.",
  ),
  chosen: command("Prints the file of the certificate that the configuration picks for `{name}`."),
  name_blocks: attribute.object(
    {
      list: attribute.list("string", { description: "Prints the effective configuration.", required: true }),
      pattern: attribute.string({
        description:
          "A regular expression as JavaScript has them; its first group is the names that a block is for.",
        required: true,
      }),
      winner: attribute.string({
        description:
          "Which of several blocks for a name is chosen, in the order in which they are printed: `first` or `last`. Without it " +
          "the service is asked wherever there are several.",
        optional: true,
      }),
    },
    {
      description: "How blocks for names are found, so that a name taken by another one is noticed.",
      optional: true,
    },
  ),
  endpoints: attribute.objects(endpoint, {
    description: "Where the service presents certificates: one of them confirms a change.",
    optional: true,
  }),
};

const host = {
  address: attribute.string({
    description:
      "Where `ssh` connects to: `user@host:port`, of which user and port may be left out, an IPv6 address in brackets, or " +
      "the name of a `Host` in its configuration. Without it the host is the machine that runs the engine.",
    optional: true,
  }),
  ssh_config_file: attribute.string({
    description: `The configuration of \`ssh\`, instead of the user's and the machine's. ${LOCAL_FILE}`,
    optional: true,
  }),
  identity_file: attribute.string({
    description:
      "The private key to log in with, and no other, but on hosts on the way; a certificate beside it is used as well. By default what the agent " +
      `and the configuration have. ${LOCAL_FILE}`,
    optional: true,
  }),
  known_hosts_file: attribute.string({
    description: `Known host keys, instead of the user's \`known_hosts\`. ${LOCAL_FILE}`,
    optional: true,
  }),
  host_keys: attribute.list("string", {
    description:
      "Public keys of the host (`ssh-ed25519 AAAA…`), or lines of a known_hosts file, such as those of hosts on the way " +
      "and of certificate authorities. No key is trusted but these, and those in `known_hosts_file`.",
    optional: true,
  }),
  proxy_jump: attribute.string({
    description: "Hosts on the way, as `address` has them, separated by commas, the nearest first.",
    optional: true,
  }),
  become: command(
    'What has a shell run with the rights that it needs, such as `["sudo", "-n"]`. Without it those of the user who logs in.',
  ),
  gone: attribute.bool({
    description:
      "There is no such host any more: it is not contacted. Refreshing keeps what is known, and deleting succeeds.",
    optional: true,
  }),
  on_unreachable: attribute.string({
    description:
      "`fail`, the default: a host that cannot be reached is an error. `warn`: at refresh it is a warning, and what is " +
      "known of it is kept; a change of it fails all the same. The environment variable " +
      `\`${UNREACHABLE_VARIABLE}\` has the same values, and goes before.`,
    optional: true,
  }),
  root: attribute.string({
    description:
      "All paths are below it. `/` by default; without `address` a relative one is relative to the stack's folder.",
    optional: true,
  }),
  ownership: attribute.string({
    description:
      "`apply`: owners are set and compared, and services are told of changes; the default where `root` is `/`. " +
      "`skip`: neither; the default elsewhere.",
    optional: true,
  }),
  state_directory: attribute.string({
    description: "Where the host's ledger and lock are, below `root`. `/var/lib/mail-sni` by default.",
    optional: true,
  }),
  services: attribute.objectMap(service, { description: "What reads the files, by name.", optional: true }),
};

export const attributes = {
  stack: attribute.string({
    description: "The stack's name: hosts know by it which files are whose.",
    required: true,
  }),
  hosts: attribute.objectMap(host, { description: "Mail hosts by name.", optional: true }),
};

export type ProviderAttributes = typeof attributes;
export type HostConfig = NonNullable<ValuesOf<ProviderAttributes>["hosts"]>[string];
type ServiceConfig = NonNullable<HostConfig["services"]>[string];

const DEFAULT_STATE_DIRECTORY = "/var/lib/mail-sni";

/**
 * @param environment overrides what becomes of hosts that cannot be reached
 * @throws MailSniError where `validate` would have refused it, had it been known then
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

/** @param configured of one host; null for hosts that are no longer declared */
export function onUnreachable(
  environment: Readonly<Record<string, string | undefined>>,
  configured: string | null = null,
): "fail" | "warn" {
  return (environment[UNREACHABLE_VARIABLE] || configured) === "warn" ? "warn" : "fail";
}

/** Identities of states that are lost, and whose files this run takes over. */
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
