/** A certificate as a mail server is to present it. */
export interface ServedCertificate {
  /** The mail domain that it is declared for: its name in paths. Lower-case A-labels. */
  readonly name: string;
  /** What clients may ask for: lower-case A-labels, the domain first where it is among them, wildcards last. */
  readonly names: string[];
  /**
   * Those of the names that the certificate may turn out not to be for.
   *
   * @default - none
   */
  readonly optionalNames?: string[];
  /** The private key, the leaf and its chain, in this order: a Terraform expression or a literal. */
  readonly pem: string;
}

/** All certificates that one host has for names, and the one that it has for the rest. */
export class ServedCertificates {
  /**
   * What a host has that presents these: for tests of an {@link IMailService} of one's own.
   *
   * @param certificates no two of which have a name in common
   * @param defaultCertificate one of them; default: there is none
   */
  public static of(
    certificates: ServedCertificate[],
    defaultCertificate?: ServedCertificate,
  ): ServedCertificates {
    return new ServedCertificates([...certificates], defaultCertificate);
  }

  /** What clients are presented that ask for nothing known. */
  public readonly defaultCertificate?: ServedCertificate;
  private readonly certificates: ServedCertificate[];
  private readonly byName: ReadonlyMap<string, ServedCertificate>;

  private constructor(certificates: ServedCertificate[], defaultCertificate: ServedCertificate | undefined) {
    this.certificates = certificates;
    this.defaultCertificate = defaultCertificate;
    this.byName = new Map(
      certificates.flatMap((certificate) => certificate.names.map((name) => [name, certificate] as const)),
    );
  }

  /** No two have a name in common. */
  public get all(): ServedCertificate[] {
    return [...this.certificates];
  }

  /** The certificate that was declared for exactly this name. */
  public declaredFor(name: string): ServedCertificate | undefined {
    return this.byName.get(name);
  }
}

/** What a server does with a name that a client sends. */
export class Lookup {
  /** @param entry what the server finds, as a person would look for it: a path, a block */
  public static found(certificate: ServedCertificate, entry: string): Lookup {
    return new Lookup({ certificate, entry });
  }

  /** @param reason why the server finds nothing, so that it presents the default certificate */
  public static byDefault(reason: string): Lookup {
    return new Lookup({ reason });
  }

  /**
   * The server finds something that was not put there by this library, and presents that.
   *
   * @param file the certificate's, on the host
   * @param entry what the server finds, as for {@link Lookup.found}
   * @param reason why it is that, where a certificate is declared for the name; default: none is
   */
  public static other(file: string, entry: string, reason?: string): Lookup {
    return new Lookup({ file, entry, reason });
  }

  /**
   * The server ends the handshake with an alert, and presents nothing.
   *
   * @param reason what it does not accept about the name
   */
  public static refusal(reason: string): Lookup {
    return new Lookup({ refused: true, reason });
  }

  /** The declared certificate that is presented. */
  public readonly certificate?: ServedCertificate;
  /** Path of a certificate that is presented and not declared here. */
  public readonly file?: string;
  public readonly entry?: string;
  public readonly reason?: string;
  /**
   * Whether the server presents no certificate at all.
   *
   * @default - it presents one
   */
  public readonly refused?: boolean;

  private constructor({ certificate, file, entry, reason, refused }: Partial<Lookup>) {
    this.certificate = certificate;
    this.file = file;
    this.entry = entry;
    this.reason = reason;
    this.refused = refused;
  }
}
