import { ruleErrors } from "../../../shared/errors";
import type { MailDomain } from "../../domain/mail-domain";
import { coveredNames, domainsOf } from "./reviewed-host";
import { type SniRule, unique } from "./rule";

interface Detail {
  readonly name: string;
  readonly host: string;
  readonly defaultDomain: string;
}

/** SNI005: a certificate covers a name for which the server presents the default certificate. */
export const namesWithoutEntry: SniRule<Detail> = {
  code: "SNI005",
  find: (hosts) =>
    domainsOf(hosts).flatMap((domain) => {
      const withoutEntry = coveredNames(domain).filter((name) => !hasEntry(domain, name));
      if (withoutEntry.length === 0) return [];
      return hosts
        .filter((reviewed) => reviewed.serves(domain))
        .flatMap((reviewed) => {
          const { defaultDomain } = reviewed.table;
          if (defaultDomain === undefined) return [];
          return withoutEntry
            .filter((name) => reviewed.lacksCertificate(name))
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

/** Whether the server has an entry for the name. Of the declared names only wildcards may lack one. */
function hasEntry({ names }: MailDomain, name: string): boolean {
  return !name.startsWith("*") && names.includes(name);
}
