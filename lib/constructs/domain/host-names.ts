import { Token } from "cdktf";
import { domainErrors, hostNameErrors } from "../../shared/errors";
import {
  type CertificateName,
  type HostName,
  parseCertificateName,
  parseHostName,
} from "../../shared/host-name";

/**
 * The host names that mail clients of a domain connect to. The certificate is issued for them, and a server
 * looks them up when a client sends one (SNI, RFC 6066 §3).
 */
export class HostNames {
  /**
   * The names that mail clients try for `user@example.org`: `example.org` itself, and `mail`, `imap`, `pop3`,
   * `pop` and `smtp` below it.
   */
  public static core(): HostNames {
    return new HostNames((domain) => [domain, ...below(domain, ["mail", "imap", "pop3", "pop", "smtp"])]);
  }

  /**
   * {@link HostNames.core} plus the names that few clients try (FairEmail): `imaps`, `smtps` and `mx` below
   * the domain.
   */
  public static extended(): HostNames {
    return HostNames.core().plus(HostNames.subdomains("imaps", "smtps", "mx"));
  }

  /**
   * Names one or more labels below the mail domain, without the domain itself.
   *
   * @param labels such as `imap` or `eu.smtp`; `*` for a certificate that covers all names one label below
   * @throws MailSniError `NAME_TWICE`, `NAMES_EMPTY`; `HOST_NAME_…` for an invalid name, as soon as the
   *   domain is known
   */
  public static subdomains(...labels: string[]): HostNames {
    if (labels.length === 0) throw domainErrors.namesEmpty();
    return new HostNames((domain) => parseAll(below(domain, labels)));
  }

  /**
   * Exactly these names, for any domain.
   *
   * @param names in upper or lower case, as Unicode or A-labels; `*.example.org` if the server supports
   *   wildcards
   * @throws MailSniError `NAME_TWICE`, `NAMES_EMPTY`; `HOST_NAME_…` for an invalid name
   */
  public static of(...names: string[]): HostNames {
    if (names.length === 0) throw domainErrors.namesEmpty();
    const parsed = parseAll(names);
    return new HostNames(() => parsed);
  }

  private constructor(private readonly produce: (domain: HostName) => CertificateName[]) {}

  /** These names plus those of `other`. A name that is in both counts once. */
  public plus(other: HostNames): HostNames {
    return new HostNames((domain) => [...new Set([...this.produce(domain), ...other.produce(domain)])]);
  }

  /**
   * The names of one mail domain, as lower-case A-labels. The domain itself comes first if it is among them,
   * then the others in alphabetical order, wildcards last. The order in which you listed them makes no
   * difference.
   *
   * @throws MailSniError `HOST_NAME_…`, `NAME_TWICE`
   */
  public resolve(domain: string): string[] {
    const parsed = parseLiteral(domain, parseHostName);
    const rank = (name: string) => (name === parsed ? 0 : name.startsWith("*") ? 2 : 1);
    return [...this.produce(parsed)].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  }
}

/**
 * Parses a name that has to be known at synth.
 *
 * @throws MailSniError `HOST_NAME_NOT_LITERAL` for tokens of any kind, or what `parse` throws
 */
export function parseLiteral<T>(name: string, parse: (input: string) => T): T {
  if (Token.isUnresolved(name)) throw hostNameErrors.notLiteral(name);
  return parse(name);
}

function parseAll(names: readonly string[]): CertificateName[] {
  const parsed = new Set<CertificateName>();
  for (const given of names) {
    const name = parseLiteral(given, parseCertificateName);
    if (parsed.has(name)) throw domainErrors.nameTwice(given, name);
    parsed.add(name);
  }
  return [...parsed];
}

function below(domain: HostName, labels: readonly string[]): CertificateName[] {
  return labels.map((label) => parseLiteral(`${label}.${domain}`, parseCertificateName));
}
