import { Construct } from "constructs";
import { sniErrors } from "../../shared/errors";
import type { ICertificate, IIssuer } from "../certificate/certificate";
import type { MailHost } from "../host/mail-host";
import type { HostNames } from "./host-names";

export interface MailDomainOptions {
  /**
   * The names under which clients reach the domain's servers.
   *
   * @default - the `MailSni`'s
   */
  readonly names?: HostNames;
  /**
   * The hosts that serve the domain: some of the `MailSni`'s.
   *
   * @default - all of the `MailSni`'s
   */
  readonly hosts?: MailHost[];
  /**
   * Who issues the domain's certificate.
   *
   * @default - the `MailSni`'s
   */
  readonly issuer?: IIssuer;
  /**
   * A certificate that is obtained elsewhere, instead of an issuer.
   *
   * @default - one is issued
   */
  readonly certificate?: ICertificate;
}

/** What `MailSni.addDomain` has found out about a domain. */
export interface MailDomainProps {
  readonly names: string[];
  readonly hosts: MailHost[];
  readonly issuer?: IIssuer;
  readonly certificate?: ICertificate;
  readonly runIntervalHours?: number;
}

/** Set by the class, which alone can. */
let make: typeof makeMailDomain;

/** For `MailSni`, which has hosts serve it. */
export function makeMailDomain(scope: Construct, name: string, props: MailDomainProps): MailDomain {
  return make(scope, name, props);
}

/** A mail domain with its certificate, as `MailSni.addDomain` returns it. */
export class MailDomain extends Construct {
  /** Lower-case A-labels. */
  public readonly name: string;
  /** What the certificate is presented for: the domain first where it is among them, wildcards last. */
  public readonly names: string[];
  public readonly hosts: MailHost[];
  public readonly certificate: ICertificate;

  static {
    make = (scope, name, props) => new MailDomain(scope, name, props);
  }

  private constructor(scope: Construct, name: string, props: MailDomainProps) {
    super(scope, name);
    this.name = name;
    const { names, hosts, issuer, certificate, runIntervalHours } = props;
    this.names = names;
    this.hosts = hosts;
    const request = { domain: name, names, ...(runIntervalHours !== undefined && { runIntervalHours }) };
    const chosen = certificate ?? issuer?.issueCertificate(this, "certificate", request);
    if (chosen === undefined) throw sniErrors.issuerMissing(name);
    this.certificate = chosen;
  }
}
