import { ruleErrors } from "../../../shared/errors";
import type { MailDomain } from "../../domain/mail-domain";
import { MailProtocol, type ServiceEndpoint } from "../../service/mail-service";
import { domainsOf, type ReviewedHost } from "./reviewed-host";
import { type SniRule, unique } from "./rule";

interface Detail {
  readonly domain: string;
  /** The labels in front of the domain, with the dot; empty for the domain itself. */
  readonly prefixes: readonly string[];
  readonly host: string;
}

/** SNI006: a name that mail clients try for a domain is presented the default. */
export const clientNames: SniRule<Detail> = {
  code: "SNI006",
  find: (hosts) =>
    domainsOf(hosts).flatMap((domain) => {
      const undeclared = PREFIXES.filter((prefix) => !domain.names.includes(prefix + domain.name));
      if (undeclared.length === 0) return [];
      return hosts
        .filter((host) => host.serves(domain))
        .flatMap((host) => {
          const prefixes = undeclared.filter((prefix) => isMissing(host, domain, prefix));
          if (prefixes.length === 0) return [];
          return {
            about: [domain, host.host] as const,
            kind: prefixes.join(),
            detail: { domain: domain.name, prefixes, host: host.name },
          };
        });
    }),
  describe: (details) =>
    ruleErrors.clientNames(
      unique(details.map(({ domain }) => domain)),
      details[0]?.prefixes ?? [],
      unique(details.map(({ host }) => host)),
    ),
  summarize: ({ domain, prefixes }) => prefixes.map((prefix) => `${prefix}${domain}`).join(", "),
};

/**
 * The labels that Thunderbird and Delta Chat put in front of a mail domain, and those of FairEmail, which
 * tries more, when they cannot find out the server's name. Outlook and Apple Mail document no such names.
 */
const TRIED: readonly {
  readonly protocol: MailProtocol;
  readonly tlsPort: number;
  readonly prefixes: string[];
}[] = [
  { protocol: MailProtocol.IMAP, tlsPort: 993, prefixes: ["", "mail.", "imap."] },
  { protocol: MailProtocol.POP3, tlsPort: 995, prefixes: ["", "mail.", "pop3.", "pop."] },
  { protocol: MailProtocol.SMTP, tlsPort: 465, prefixes: ["", "mail.", "smtp."] },
];

const PREFIXES = unique(TRIED.flatMap(({ prefixes }) => prefixes));

function isMissing(host: ReviewedHost, { name }: MailDomain, prefix: string): boolean {
  return host.lacksCertificate(prefix + name, (endpoint) => isTriedAt(endpoint, prefix));
}

function isTriedAt({ port, protocol }: ServiceEndpoint, prefix: string): boolean {
  return TRIED.some(
    (tried) =>
      tried.prefixes.includes(prefix) &&
      (protocol === tried.protocol || (protocol === MailProtocol.TLS && port === tried.tlsPort)),
  );
}
