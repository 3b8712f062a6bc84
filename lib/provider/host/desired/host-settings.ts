import type { OnUnreachable, ServiceBlock } from "../../../shared/provider-block/blocks";
import type { Connection, Endpoint } from "../../../shared/transport/connection-settings";

/** How one service of a host is checked, reloaded and queried. */
export interface ServiceSettings extends Omit<ServiceBlock, "endpoints"> {
  /** The key in `services` of the host. */
  readonly name: string;
  readonly endpoints: readonly Endpoint[];
}

export interface HostSettings extends Connection {
  /** The key in the provider's `hosts`. */
  readonly name: string;
  readonly services: ReadonlyMap<string, ServiceSettings>;
  /** Whether the machine no longer exists: it is never contacted. */
  readonly gone?: boolean;
  /** Whether a refresh that cannot reach the host fails. */
  readonly onUnreachable?: OnUnreachable;
}

/** A service without commands: only its files are managed. */
export function withoutCommands(name: string): ServiceSettings {
  return { name, endpoints: [] };
}
