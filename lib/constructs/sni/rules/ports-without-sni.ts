import { ruleErrors } from "../../../shared/errors";
import { type SniRule, unique } from "./rule";

interface Detail {
  readonly host: string;
  readonly service: string;
  readonly port: number;
  readonly defaultDomain: string;
  /** The names that the default certificate does not cover. */
  readonly names: readonly string[];
}

/** SNI009: a port presents the default certificate to all clients, and it does not cover all names. */
export const portsWithoutSni: SniRule<Detail> = {
  code: "SNI009",
  find: (hosts) =>
    hosts.flatMap((reviewed) => {
      const { host, table } = reviewed;
      const { defaultDomain } = table;
      if (defaultDomain === undefined) return [];
      const blind = table.services.flatMap(({ service }) =>
        service.endpoints
          .filter(({ sni }) => sni === false)
          .map(({ port }) => ({ service: service.name, port })),
      );
      if (blind.length === 0) return [];
      const names = table.names.filter((name) => !name.startsWith("*") && !reviewed.defaultCovers(name));
      if (names.length === 0) return [];
      return blind.map(({ service, port }) => ({
        about: [host] as const,
        kind: [service, port, defaultDomain].join(),
        detail: { host: host.name, service, port, defaultDomain, names },
      }));
    }),
  describe(details) {
    const [{ service, port, defaultDomain }] = details as [Detail];
    return ruleErrors.portsWithoutSni(unique(details.flatMap(({ names }) => names)), {
      hosts: unique(details.map(({ host }) => host)),
      service,
      port,
      defaultDomain,
    });
  },
  summarize: ({ host, service, port }) => `port ${port} of ${service} on ${host}`,
};
