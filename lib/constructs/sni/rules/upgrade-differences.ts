import { ruleErrors } from "../../../shared/errors";
import type { Lookup } from "../../service/served-certificate";
import type { HostTable } from "../table/host-table";
import { lookupOfListedAfterUpgrade } from "../table/listed-name";
import { type SniRule, unique } from "./rule";

interface Detail {
  readonly name: string;
  readonly host: string;
  readonly service: string;
  readonly upgrade: string;
  /** What is presented today, in words. */
  readonly now: string;
  readonly then: string;
}

/**
 * SNI008: the next version of a server presents another certificate for a name, because blocks that this
 * library did not write match too.
 */
export const upgradeDifferences: SniRule<Detail> = {
  code: "SNI008",
  find: (hosts) =>
    hosts.flatMap((reviewed) => {
      const { host, table } = reviewed;
      return table.services.flatMap(({ service, lookups }) => {
        const { upgrade } = service;
        if (upgrade === undefined) return [];
        return lookups.flatMap((lookup, index) => {
          const name = table.names[index] as string;
          const now = presented(lookup, table);
          const then = presented(lookupOfListedAfterUpgrade(name, service, host.served) ?? lookup, table);
          if (now === then) return [];
          const domain = reviewed.domainOf(host.served.declaredFor(name)?.name);
          return {
            about: domain === undefined ? ([host] as const) : ([domain, host] as const),
            kind: [service.name, upgrade.to, now, then].join(),
            detail: { name, host: host.name, service: service.name, upgrade: upgrade.to, now, then },
          };
        });
      });
    }),
  describe(details) {
    const [{ service, upgrade, now, then }] = details as [Detail];
    const [names, hosts] = [details.map(({ name }) => name), details.map(({ host }) => host)];
    return ruleErrors.upgradeDifferences(unique(names), unique(hosts), { service, upgrade, now, then });
  },
  summarize: ({ name, host, upgrade, now, then }) =>
    `${name} on ${host}: ${upgrade} presents ${then} instead of ${now}`,
};

function presented({ certificate, file, refused }: Lookup, { defaultDomain }: HostTable): string {
  if (refused) return "nothing";
  if (file !== undefined) return file;
  if (certificate !== undefined) return `the certificate of ${certificate.name}`;
  return defaultDomain === undefined ? "nothing" : `the default certificate, of ${defaultDomain}`;
}
