import { posix, resolve } from "node:path";
import { attribute, type ValuesOf } from "./protocol/schema";
import type { HostSettings, ServiceSettings } from "./remote/settings";

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
    },
    {
      description:
        "How a new file is tried together with the configuration that is there, before it is swapped in.",
      optional: true,
    },
  ),
  build: command("Run after the configuration has been swapped, such as `postmap`."),
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
  root: attribute.string({
    description: "All paths are below it. `/` by default; a relative one is relative to the stack's folder.",
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

export const DEFAULT_STATE_DIRECTORY = "/var/lib/mail-sni";

export function hostSettings(name: string, config: HostConfig): HostSettings {
  const root = resolve(config.root ?? "/");
  return {
    name,
    root,
    stateDirectory: posix.normalize(config.state_directory ?? DEFAULT_STATE_DIRECTORY),
    applyOwnership: config.ownership === null ? root === "/" : config.ownership === "apply",
    services: new Map(
      Object.entries(config.services ?? {}).map(([key, value]) => [key, serviceSettings(key, value)]),
    ),
  };
}

function serviceSettings(name: string, config: ServiceConfig): ServiceSettings {
  return {
    name,
    config: config.config && {
      file: config.config.file,
      include: config.config.include,
      position: config.config.position === "first" ? "first" : "last",
      head: config.config.head,
    },
    build: config.build,
    check: config.check,
    activate: config.activate,
    running: config.running,
    defaultCertificate: config.default_certificate,
    chosen: config.chosen,
    nameBlocks: config.name_blocks,
    endpoints: (config.endpoints ?? []).map(({ port, protocol, address }) => ({
      port,
      protocol: protocol as ServiceSettings["endpoints"][number]["protocol"],
      address: address ?? "127.0.0.1",
    })),
  };
}
