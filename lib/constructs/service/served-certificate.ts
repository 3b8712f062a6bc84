/** A certificate that a mail server presents. */
export interface ServedCertificate {
  /** The mail domain that the certificate is declared for, as lower-case A-labels. File names contain it. */
  readonly name: string;
  /**
   * The names that clients may send: lower-case A-labels, the domain first if it is among them, wildcards
   * last.
   */
  readonly names: string[];
  /**
   * Names among `names` that the issued certificate may lack.
   *
   * @default - none
   */
  readonly optionalNames?: string[];
  /** The private key, the leaf and its chain, in this order: a Terraform expression or a literal. */
  readonly pem: string;
}

/** All certificates that one host presents: those for names, and the default certificate. */
export class ServedCertificates {
  /**
   * The certificates of an imaginary host, for tests of your own {@link IMailService}.
   *
   * @param certificates no two of which have a name in common
   * @param defaultCertificate one of them; by default there is none
   */
  public static of(
    certificates: ServedCertificate[],
    defaultCertificate?: ServedCertificate,
  ): ServedCertificates {
    return new ServedCertificates([...certificates], defaultCertificate);
  }

  /** The certificate that is presented to clients with no SNI, or an unlisted name. */
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

  /** All certificates. No two have a name in common. */
  public get all(): ServedCertificate[] {
    return [...this.certificates];
  }

  /** The certificate that is declared for exactly this name; undefined if there is none. */
  public declaredFor(name: string): ServedCertificate | undefined {
    return this.byName.get(name);
  }
}

/** The result of looking up a name: which certificate the server presents, and why. */
export class Lookup {
  /**
   * The server presents a declared certificate for the name.
   *
   * @param entry what the server finds, as an administrator would look for it: a path, a block
   */
  public static found(certificate: ServedCertificate, entry: string): Lookup {
    return new Lookup({ certificate, entry });
  }

  /**
   * The server finds no entry for the name and presents the default certificate.
   *
   * @param reason why it finds none
   */
  public static byDefault(reason: string): Lookup {
    return new Lookup({ reason });
  }

  /**
   * The server finds an entry that this library did not write, and presents its certificate.
   *
   * @param file the path of the certificate on the host
   * @param entry what the server finds, as for {@link Lookup.found}
   * @param reason why it finds this entry although a certificate is declared for the name; leave it out if
   *   none is declared
   */
  public static other(file: string, entry: string, reason?: string): Lookup {
    return new Lookup({ file, entry, reason });
  }

  /**
   * The server ends the handshake with an alert and presents nothing.
   *
   * @param reason why it rejects the name
   */
  public static refusal(reason: string): Lookup {
    return new Lookup({ refused: true, reason });
  }

  /** The declared certificate that the server presents. */
  public readonly certificate?: ServedCertificate;
  /** The path of the certificate that the server presents, if it is not declared here. */
  public readonly file?: string;
  /** What the server finds for the name, as an administrator would look for it. */
  public readonly entry?: string;
  /** Why the server presents the default, another certificate than the declared one, or nothing. */
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
