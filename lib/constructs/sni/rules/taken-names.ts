import { ruleErrors } from "../../../shared/errors";
import type { Lookup } from "../../service/served-certificate";
import { type SniRule, unique } from "./rule";

interface Detail {
  readonly name: string;
  readonly host: string;
  readonly service: string;
  readonly lookup: Lookup;
}

/** SNI007: a server's own configuration, which this library did not write, overrides a declared name. */
export const takenNames: SniRule<Detail> = {
  code: "SNI007",
  find: (hosts) =>
    hosts.flatMap((reviewed) => {
      const { host, table } = reviewed;
      return table.services.flatMap(({ service, lookups }) =>
        lookups.flatMap((lookup, index) => {
          if (lookup.file === undefined) return [];
          const name = table.names[index] as string;
          const domain = reviewed.domainOf(host.served.declaredFor(name)?.name);
          if (domain === undefined || name.startsWith("*")) return [];
          return {
            about: [domain, host] as const,
            kind: [host.name, service.name, lookup.file, lookup.entry, lookup.reason].join(),
            detail: { name, host: host.name, service: service.name, lookup },
          };
        }),
      );
    }),
  describe(details) {
    const [{ host, service, lookup }] = details as [Detail];
    return ruleErrors.takenNames(unique(details.map(({ name }) => name)), { host, service }, lookup);
  },
  summarize: ({ name, host, service, lookup }) => `${name} on ${host}: ${service} presents ${lookup.file}`,
};
