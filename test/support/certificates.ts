import "reflect-metadata";
import { createPrivateKey, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

const ECDSA = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const HOUR = 3_600_000;

export interface IssuedCertificate {
  readonly pem: string;
  /** PKCS #8. */
  readonly keyPem: string;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly certificate: x509.X509Certificate;
}

export interface IssueOptions {
  /** @default "CN=test" */
  readonly subject?: string;
  /** @default self-signed */
  readonly issuer?: IssuedCertificate;
  /** @default none */
  readonly dnsNames?: readonly string[];
  /** @default false */
  readonly ca?: boolean;
  /** @default an hour ago */
  readonly notBefore?: Date;
  /** @default in an hour */
  readonly notAfter?: Date;
  /** OIDs. @default none, which allows every purpose */
  readonly extendedKeyUsage?: readonly string[];
  /** Where the issuer's certificate can be fetched. @default not said */
  readonly caIssuersUrl?: string;
  /** @default a new ECDSA P-256 pair */
  readonly keys?: webcrypto.CryptoKeyPair;
}

/** Any certificate that a test needs, wrong ones too. */
export async function issue(options: IssueOptions = {}): Promise<IssuedCertificate> {
  const keys = options.keys ?? (await webcrypto.subtle.generateKey(ECDSA, true, ["sign", "verify"]));
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: Buffer.from(webcrypto.getRandomValues(new Uint8Array(8))).toString("hex"),
    subject: options.subject ?? "CN=test",
    issuer: options.issuer?.certificate.subject ?? options.subject ?? "CN=test",
    notBefore: options.notBefore ?? new Date(Date.now() - HOUR),
    notAfter: options.notAfter ?? new Date(Date.now() + HOUR),
    publicKey: keys.publicKey,
    signingKey: (options.issuer?.keys ?? keys).privateKey,
    signingAlgorithm: ECDSA,
    extensions: extensionsOf(options),
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const keyPem = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" })
    .export({ type: "pkcs8", format: "pem" })
    .toString();
  return { pem: `${certificate.toString("pem")}\n`, keyPem, keys, certificate };
}

function extensionsOf({ dnsNames, ca, extendedKeyUsage, caIssuersUrl }: IssueOptions): x509.Extension[] {
  const extensions: x509.Extension[] = [];
  if (ca) extensions.push(new x509.BasicConstraintsExtension(true, undefined, true));
  if (dnsNames !== undefined) {
    const names = dnsNames.map((value) => ({ type: "dns" as const, value }));
    extensions.push(new x509.SubjectAlternativeNameExtension(names));
  }
  if (extendedKeyUsage !== undefined)
    extensions.push(new x509.ExtendedKeyUsageExtension([...extendedKeyUsage]));
  if (caIssuersUrl !== undefined) {
    extensions.push(new x509.AuthorityInfoAccessExtension({ caIssuers: caIssuersUrl }));
  }
  return extensions;
}
