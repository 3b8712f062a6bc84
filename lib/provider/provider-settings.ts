import { DEFAULT_ENDPOINT_ADDRESS, type HostBlock, type ServiceBlock } from "../shared/provider-block/blocks";
import { parseConnection } from "../shared/provider-block/connection";
import { type Environment, onUnreachable } from "./environment";
import type { HostSettings, ServiceSettings } from "./host/desired/host-settings";

/**
 * The settings of a host of the provider block. The engine starts the provider in the stack's folder.
 *
 * @param environment may override `on_unreachable`
 * @throws {ConnectionFault}
 */
export function hostSettings(name: string, block: HostBlock, environment: Environment = {}): HostSettings {
  const { gone = false, canary = false, services = {} } = block;
  return {
    ...parseConnection(block, process.cwd()),
    name,
    gone,
    canary,
    onUnreachable: onUnreachable(environment, block.on_unreachable),
    services: new Map(Object.entries(services).map(([key, service]) => [key, serviceSettings(key, service)])),
  };
}

function serviceSettings(name: string, { endpoints = [], ...service }: ServiceBlock): ServiceSettings {
  const all = endpoints.map(({ address = DEFAULT_ENDPOINT_ADDRESS, port, protocol, sni = true }) => ({
    endpoint: { address, port, protocol },
    sni,
  }));
  return {
    ...service,
    name,
    endpoints: all.filter(({ sni }) => sni).map(({ endpoint }) => endpoint),
    endpointsWithoutSni: all.filter(({ sni }) => !sni).map(({ endpoint }) => endpoint),
  };
}
