import { HostNames } from "../../../lib";
import { type Domains, NO_NAME } from "./served-host";

/** What the suites declare: each kind of domain once. */
export const DOMAINS: Domains = {
  "domain1.tld": {},
  "domain2.tld": {},
  // Below a public suffix of two labels.
  "example.co.uk": { names: HostNames.of("example.co.uk", "imap.example.co.uk", "smtp.example.co.uk") },
  "bücher.example": { names: HostNames.of("bücher.example", "imap.bücher.example") },
  "single.test": { names: HostNames.of("single.test") },
};

/** Covers more names than it is looked up for: for servers that take such a certificate. */
export const WILDCARD: Domains = {
  "wild.test": { names: HostNames.of("wild.test", "imap.wild.test", "*.wild.test") },
};

/** Whose certificate is to be presented to a client that sends a name, whatever the library says. */
export const EXPECTED: Readonly<Record<string, string>> = {
  "domain1.tld": "domain1.tld",
  "mail.domain1.tld": "domain1.tld",
  "imap.domain1.tld": "domain1.tld",
  "pop3.domain1.tld": "domain1.tld",
  "pop.domain1.tld": "domain1.tld",
  "smtp.domain1.tld": "domain1.tld",
  "domain2.tld": "domain2.tld",
  "mail.domain2.tld": "domain2.tld",
  "imap.domain2.tld": "domain2.tld",
  "pop3.domain2.tld": "domain2.tld",
  "pop.domain2.tld": "domain2.tld",
  "smtp.domain2.tld": "domain2.tld",
  "example.co.uk": "example.co.uk",
  "imap.example.co.uk": "example.co.uk",
  "smtp.example.co.uk": "example.co.uk",
  "xn--bcher-kva.example": "xn--bcher-kva.example",
  "imap.xn--bcher-kva.example": "xn--bcher-kva.example",
  "single.test": "single.test",
  // What is not declared.
  [NO_NAME]: "domain1.tld",
  "unknown.test": "domain1.tld",
  "co.uk": "domain1.tld",
  "mail.example.co.uk": "domain1.tld",
  "autoconfig.domain2.tld": "domain1.tld",
  "a.imap.domain2.tld": "domain1.tld",
  "imap.domain2.tld.": "domain1.tld",
  "imap.single.test": "domain1.tld",
};

export const EXPECTED_OF_WILDCARD: Readonly<Record<string, string>> = {
  "wild.test": "wild.test",
  "imap.wild.test": "wild.test",
  "pop3.wild.test": "domain1.tld",
  "a.pop3.wild.test": "domain1.tld",
};

/** The same domains with another one as the default. */
export function withDefault(domain: string, domains: Domains): Domains {
  return { [domain]: domains[domain] ?? {}, ...domains };
}
