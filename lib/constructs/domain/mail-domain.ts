import { Construct } from "constructs";
import { sniErrors } from "../../shared/errors";
import { type AdoptFrom, refuseAdoption } from "../certificate/adoption";
import type { ICertificate, IIssuer } from "../certificate/certificate";
import type { MailHost } from "../host/mail-host";
import type { HostNames } from "./host-names";

/** Options for a mail domain. They override those of its `MailSni`. */
export interface MailDomainOptions {
  /**
   * The names that clients use to connect to the domain's servers.
   *
   * @default - the names of the `MailSni`
   */
  readonly names?: HostNames;
  /**
   * The hosts that serve the domain: a subset of the hosts of the `MailSni`.
   *
   * @default - all hosts of the `MailSni`
   */
  readonly hosts?: MailHost[];
  /**
   * The issuer of the domain's certificate.
   *
   * @default - the issuer of the `MailSni`
   */
  readonly issuer?: IIssuer;
  /**
   * A certificate that is obtained elsewhere, instead of an issuer.
   *
   * @default - the issuer issues one
   */
  readonly certificate?: ICertificate;
  /**
   * A certificate that exists already, for the issuer to use instead of a new one. It overrides that of the issuer.
   *
   * @default - that of the issuer
   */
  readonly adoptFrom?: AdoptFrom;
}

/** The settings of a mail domain, as `MailSni.addDomain` has resolved them. */
export interface MailDomainProps {
  readonly names: string[];
  readonly hosts: MailHost[];
  readonly issuer?: IIssuer;
  readonly certificate?: ICertificate;
  readonly adoptFrom?: AdoptFrom;
  readonly runIntervalHours?: number;
}

/** Calls the private constructor. The class assigns it in its static block. */
let make: typeof makeMailDomain;

/** Creates a `MailDomain`. Only `MailSni` calls it, because it also has to add the domain to the hosts. */
export function makeMailDomain(scope: Construct, name: string, props: MailDomainProps): MailDomain {
  return make(scope, name, props);
}

/** A mail domain with its certificate, as `MailSni.addDomain` returns it. */
export class MailDomain extends Construct {
  /** The mail domain, as lower-case A-labels. */
  public readonly name: string;
  /**
   * The names that the certificate is presented for: the domain first if it is among them, wildcards last.
   */
  public readonly names: string[];
  /** The hosts that serve the domain. */
  public readonly hosts: MailHost[];
  /** The certificate that the hosts present for the names. */
  public readonly certificate: ICertificate;

  static {
    make = (scope, name, props) => new MailDomain(scope, name, props);
  }

  private constructor(scope: Construct, name: string, props: MailDomainProps) {
    super(scope, name);
    this.name = name;
    const { names, hosts, issuer, certificate, adoptFrom, runIntervalHours } = props;
    this.names = names;
    this.hosts = hosts;
    if (certificate !== undefined) refuseAdoption(name, adoptFrom, "elsewhere");
    const request = {
      domain: name,
      names,
      ...(runIntervalHours !== undefined && { runIntervalHours }),
      ...(adoptFrom !== undefined && { adoptFrom }),
    };
    const chosen = certificate ?? issuer?.issueCertificate(this, "certificate", request);
    if (chosen === undefined) throw sniErrors.issuerMissing(name);
    this.certificate = chosen;
  }
}
