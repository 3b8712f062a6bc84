import { ruleErrors } from "../../common/errors";
import { coveredNames } from "./reviewed-host";
import { type SniRule, unique } from "./rule";

interface Detail {
  readonly name: string;
  readonly host: string;
  readonly defaultDomain: string;
}

/** SNI005: a certificate covers a name that the server presents the default for. */
export const namesWithoutEntry: SniRule<Detail> = {
  code: "SNI005",
  severity: "warning",
  find: (hosts) =>
    hosts.flatMap((reviewed) => {
      const { defaultDomain } = reviewed.table;
      if (defaultDomain === undefined) return [];
      return reviewed.domains.flatMap((domain) => {
        const declared = new Set(domain.names.filter((name) => !name.startsWith("*")));
        return coveredNames(domain)
          .filter((name) => !declared.has(name) && reviewed.isStranger(name))
          .map((name) => ({
            about: [domain, reviewed.host] as const,
            kind: defaultDomain,
            detail: { name, host: reviewed.name, defaultDomain },
          }));
      });
    }),
  describe: (details) =>
    ruleErrors.namesWithoutEntry(
      unique(details.map(({ name }) => name)),
      unique(details.map(({ host }) => host)),
      details[0]?.defaultDomain ?? "",
    ),
  summarize: ({ name, host }) => `${name} on ${host}`,
};
