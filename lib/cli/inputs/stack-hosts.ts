import { join } from "node:path";
import type { Member } from "../../shared/json/member";
import {
  DEFAULT_ENDPOINT_ADDRESS,
  type FilesBlock,
  OWNERSHIPS,
  type SshBlock,
} from "../../shared/provider-block/blocks";
import { parseConnection } from "../../shared/provider-block/connection";
import { ConnectionFault } from "../../shared/provider-block/connection-faults";
import type { SshSettings } from "../../shared/transport/ssh-settings";
import { parseProjectFile, type SynthesizedStack } from "./project";
import { Expression, literal, literalOf } from "./template";

/** A host as the provider of its stack reaches it. */
export interface StackHost {
  /** Null for this machine. */
  readonly ssh: SshSettings | null;
  /** False if deploys only write files there, and contact no server: the default below a `root`. */
  readonly hasServers: boolean;
  /** The address at which a service of the host listens, as seen from the host. */
  addressOf(service: string, port: number): string;
}

const MOST_HOSTS = 10_000;
const MOST_SERVICES = 100;
const MOST_ENDPOINTS = 1000;
const MOST_KEYS = 1000;
const MOST_WORDS = 100;

/**
 * The hosts in the provider block of a synthesized stack, by name. If a host cannot be reached without an engine,
 * because its connection has an expression, its value is that reason.
 *
 * @throws CliError `CLI_PROJECT_INVALID`
 */
export function hostsOf({ directory }: SynthesizedStack): ReadonlyMap<string, StackHost | string> {
  return parseProjectFile(join(directory, "cdk.tf.json"), (document) =>
    hostBlocks(document, (block) => hostOf(block, directory)),
  );
}

/**
 * What a parser makes of each host in the provider block of `cdk.tf.json`, by name; or the reason, where it is an
 * expression, or a fault of the connection.
 */
export function hostBlocks<T>(
  document: Member,
  parse: (block: Member) => T,
): ReadonlyMap<string, T | string> {
  const blocks = document
    .member("provider")
    .optional((providers) => providers.member("mailsni").optional((list) => list.list(1, hostsIn)));
  return new Map(blocks?.flat());

  function hostsIn(block: Member): [name: string, host: T | string][] {
    const hosts = block.member("hosts").optional((found) => found.entries(MOST_HOSTS, parseOrReason));
    return (hosts ?? []).flatMap(([name, host]): [string, T | string][] => {
      const known = literalOf(name);
      return known === null ? [] : [[known, host]];
    });
  }

  function parseOrReason(block: Member): T | string {
    try {
      return parse(block);
    } catch (error) {
      if (error instanceof Expression || error instanceof ConnectionFault) return error.message;
      throw error;
    }
  }
}

/** How `ssh` reaches a host, as its block says it. @throws Expression */
export function sshBlockIn(block: Member): Partial<SshBlock> {
  const text = (name: string) => block.member(name).optional((member) => literal(member));
  const list = (name: string, most: number) =>
    block.member(name).optional((member) => member.list(most, literal));
  const given = {
    address: text("address"),
    ssh_config_file: text("ssh_config_file"),
    identity_file: text("identity_file"),
    known_hosts_file: text("known_hosts_file"),
    host_keys: list("host_keys", MOST_KEYS),
    proxy_jump: text("proxy_jump"),
    become: list("become", MOST_WORDS),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
}

/** Where a host's files are, and whether deploys set their owners, as its block says it. @throws Expression */
export function filesBlockIn(block: Member): FilesBlock {
  const given = {
    root: block.member("root").optional(literal),
    state_directory: block.member("state_directory").optional(literal),
    ownership: block.member("ownership").optional((member) => member.oneOf(OWNERSHIPS)),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
}

function hostOf(block: Member, directory: string): StackHost {
  const { ssh = null, applyOwnership } = parseConnection(
    { ...sshBlockIn(block), ...filesBlockIn(block) },
    directory,
  );
  const addresses = new Map(block.member("services").optional(addressesIn) ?? []);
  return {
    ssh,
    hasServers: applyOwnership,
    addressOf: (service, port) => addresses.get(`${service} ${port}`) ?? DEFAULT_ENDPOINT_ADDRESS,
  };
}

/** The listening addresses, by service and port. */
function addressesIn(services: Member): [key: string, address: string][] {
  return services
    .entries(MOST_SERVICES, (service) =>
      service.member("endpoints").optional((endpoints) =>
        endpoints.list(MOST_ENDPOINTS, (endpoint) => ({
          port: endpoint.member("port").integer(1, 65_535),
          address: endpoint.member("address").optional(literal),
        })),
      ),
    )
    .flatMap(([service, endpoints]) =>
      (endpoints ?? []).flatMap(({ port, address }): [string, string][] =>
        address === null ? [] : [[`${literalOf(service) ?? service} ${port}`, address]],
      ),
    );
}
