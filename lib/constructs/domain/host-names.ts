import { Token } from "cdktf";
import { domainErrors, hostNameErrors } from "../../shared/errors";
import {
  type CertificateName,
  type HostName,
  parseCertificateName,
  parseHostName,
} from "../../shared/host-name";

/**
 * The host names under which the users of a mail domain reach its servers: what a certificate is issued for, and what
 * a server looks up when a client sends one of them (SNI, RFC 6066 §3).
 */
export class HostNames {
  /**
   * What mail clients try for `user@example.org`: `example.org` itself and `mail`, `imap`, `pop3`, `pop` and `smtp`
   * below it.
   */
  public static core(): HostNames {
    return new HostNames((domain) => [domain, ...below(domain, ["mail", "imap", "pop3", "pop", "smtp"])]);
  }

  /** {@link HostNames.core}, and what few clients try besides (FairEmail): `imaps`, `smtps` and `mx` below the domain. */
  public static extended(): HostNames {
    return HostNames.core().and(HostNames.subdomains("imaps", "smtps", "mx"));
  }

  /**
   * Names one or more labels below the mail domain, without the domain itself.
   *
   * @param labels such as `imap` or `eu.smtp`; `*` where a certificate is to cover all names one label below
   * @throws MailSniError `NAME_TWICE`, `NAMES_EMPTY`; whatever is no host name, as soon as the domain is known
   */
  public static subdomains(...labels: string[]): HostNames {
    if (labels.length === 0) throw domainErrors.namesEmpty();
    return new HostNames((domain) => parseAll(below(domain, labels)));
  }

  /**
   * Exactly these names, whatever the domain.
   *
   * @param names in upper or lower case, as Unicode or A-labels; `*.example.org` where a server can do with it
   * @throws MailSniError `NAME_TWICE`, `NAMES_EMPTY`, or what is wrong with a name (`HOST_NAME_…`)
   */
  public static of(...names: string[]): HostNames {
    if (names.length === 0) throw domainErrors.namesEmpty();
    const parsed = parseAll(names);
    return new HostNames(() => parsed);
  }

  private constructor(private readonly produce: (domain: HostName) => CertificateName[]) {}

  /** These names and those of `other`; what both have counts once. */
  public and(other: HostNames): HostNames {
    return new HostNames((domain) => [...new Set([...this.produce(domain), ...other.produce(domain)])]);
  }

  /**
   * The names of one mail domain: lower-case A-labels. The domain itself comes first where it is among them, then the
   * others by name, wildcards last, so that the order in which they were listed makes no difference.
   *
   * @throws MailSniError whose code begins with `HOST_NAME_`, `NAME_TWICE`
   */
  public resolve(domain: string): string[] {
    const parsed = parseLiteral(domain, parseHostName);
    const rank = (name: string) => (name === parsed ? 0 : name.startsWith("*") ? 2 : 1);
    return [...this.produce(parsed)].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  }
}

/**
 * Reads a name that has to be known at synth.
 *
 * @throws MailSniError `HOST_NAME_NOT_LITERAL` for tokens of any kind, or what `parse` throws
 */
export function parseLiteral<T>(name: string, parse: (input: string) => T): T {
  if (Token.isUnresolved(name) || name.includes("{TfToken[")) throw hostNameErrors.notLiteral(name);
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
