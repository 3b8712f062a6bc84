import type { OnUnreachable, ServiceBlock } from "../../../shared/provider-block/blocks";
import type { Connection, Endpoint } from "../../../shared/transport/connection-settings";

/** How one service of a host is checked, reloaded and queried. */
export interface ServiceSettings extends Omit<ServiceBlock, "endpoints"> {
  /** The key in `services` of the host. */
  readonly name: string;
  /** Where it presents the certificate of the name that a client sends. */
  readonly endpoints: readonly Endpoint[];
  /** Where it presents the default certificate to all clients. @default none */
  readonly endpointsWithoutSni?: readonly Endpoint[];
}

export interface HostSettings extends Connection {
  /** The key in the provider's `hosts`. */
  readonly name: string;
  readonly services: ReadonlyMap<string, ServiceSettings>;
  /** Whether the machine no longer exists: it is never contacted. */
  readonly gone?: boolean;
  /** Whether other hosts wait for this one: a change is confirmed for every name at every endpoint. */
  readonly canary?: boolean;
  /** Whether a refresh that cannot reach the host fails. */
  readonly onUnreachable?: OnUnreachable;
}

/** A service without commands: only its files are managed. */
export function withoutCommands(name: string): ServiceSettings {
  return { name, endpoints: [] };
}
