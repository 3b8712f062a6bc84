import { join } from "node:path";
import type { Member } from "../../shared/json/member";
import { DEFAULT_ENDPOINT_ADDRESS } from "../../shared/provider-block/blocks";
import { parseConnection } from "../../shared/provider-block/connection";
import { ConnectionFault } from "../../shared/provider-block/connection-faults";
import type { SshSettings } from "../../shared/transport/ssh-settings";
import { parseProjectFile, type SynthesizedStack } from "./project";
import { literalOf } from "./template";

/** A host as the provider of its stack reaches it. */
export interface StackHost {
  /** Null for this machine. */
  readonly ssh: SshSettings | null;
  /** The address at which a service of the host listens, as seen from the host. */
  addressOf(service: string, port: number): string;
}

const MOST_HOSTS = 10_000;
const MOST_SERVICES = 100;
const MOST_ENDPOINTS = 1000;
const MOST_KEYS = 1000;
const MOST_CHARACTERS = 8192;

/**
 * The hosts in the provider block of a synthesized stack, by name. If a host cannot be reached without an engine,
 * because its connection has an expression, its value is that reason.
 *
 * @throws CliError `CLI_PROJECT_INVALID`
 */
export function hostsOf({ directory }: SynthesizedStack): ReadonlyMap<string, StackHost | string> {
  return parseProjectFile(join(directory, "cdk.tf.json"), (document) => {
    const blocks = document
      .member("provider")
      .optional((providers) => providers.member("mailsni").optional((list) => list.list(1, hostsIn)));
    return new Map(blocks?.flat());

    function hostsIn(block: Member): [name: string, host: StackHost | string][] {
      const hosts = block
        .member("hosts")
        .optional((found) => found.entries(MOST_HOSTS, (host) => hostOf(host, directory)));
      return (hosts ?? []).flatMap(([name, host]) => {
        const literal = literalOf(name);
        return literal === null ? [] : [[literal, host]];
      });
    }
  });
}

function hostOf(block: Member, directory: string): StackHost | string {
  try {
    const text = (name: string) => block.member(name).optional((member) => literal(member));
    const keys = block.member("host_keys").optional((list) => list.list(MOST_KEYS, literal));
    const given = {
      address: text("address"),
      ssh_config_file: text("ssh_config_file"),
      identity_file: text("identity_file"),
      known_hosts_file: text("known_hosts_file"),
      host_keys: keys,
      proxy_jump: text("proxy_jump"),
    };
    const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
    const { ssh = null } = parseConnection(present, directory);
    const addresses = new Map(block.member("services").optional(addressesIn) ?? []);
    return {
      ssh,
      addressOf: (service, port) => addresses.get(`${service} ${port}`) ?? DEFAULT_ENDPOINT_ADDRESS,
    };
  } catch (error) {
    if (error instanceof Expression || error instanceof ConnectionFault) return error.message;
    throw error;
  }
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

/** A value that only an engine knows. */
class Expression extends Error {}

function literal(member: Member): string {
  const text = literalOf(member.text(MOST_CHARACTERS));
  if (text === null)
    throw new Expression("its connection has an expression, which only the engine evaluates");
  return text;
}
