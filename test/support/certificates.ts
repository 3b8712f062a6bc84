import "reflect-metadata";
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  randomBytes,
  sign,
  webcrypto,
} from "node:crypto";
import * as x509 from "@peculiar/x509";
import {
  DER_BIT_STRING,
  DER_SEQUENCE,
  type DerValue,
  derContents,
  derEncoded,
  derValues,
} from "../../lib/shared/der";

const ECDSA = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const RSA = { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, hash: "SHA-256" };
const HOUR = 3_600_000;

export interface IssuedCertificate {
  readonly pem: string;
  /** PKCS #8. */
  readonly keyPem: string;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly certificate: x509.X509Certificate;
  /** SHA-256 of the DER: lower-case hex without colons. */
  readonly fingerprint: string;
}

export interface IssueOptions {
  /** @default "CN=test" */
  readonly subject?: string;
  /** Hexadecimal digits. @default random */
  readonly serialNumber?: string;
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
  /** A private key that WebCrypto does not know, for a certificate with an issuer. @default none: `keys` */
  readonly foreignKey?: KeyObject;
  /** What it is signed with. @default "SHA-256" */
  readonly digest?: "SHA-1" | "SHA-256";
  /** @default none more */
  readonly extensions?: readonly x509.Extension[];
}

/** Any certificate that a test needs, wrong ones too. */
export async function issue(options: IssueOptions = {}): Promise<IssuedCertificate> {
  const keys = options.keys ?? (await webcrypto.subtle.generateKey(ECDSA, true, ["sign", "verify"]));
  const signingKey = (options.issuer?.keys ?? keys).privateKey;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: options.serialNumber ?? randomBytes(8).toString("hex"),
    subject: options.subject ?? "CN=test",
    issuer: options.issuer?.certificate.subject ?? options.subject ?? "CN=test",
    notBefore: options.notBefore ?? new Date(Date.now() - HOUR),
    notAfter: options.notAfter ?? new Date(Date.now() + HOUR),
    publicKey: options.foreignKey === undefined ? keys.publicKey : publicKeyOf(options.foreignKey),
    signingKey,
    signingAlgorithm: { ...signingKey.algorithm, hash: options.digest ?? "SHA-256" },
    extensions: [...extensionsOf(options), ...(options.extensions ?? [])],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const key = options.foreignKey ?? createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
  const keyPem = key.export({ type: "pkcs8", format: "pem" }).toString();
  const fingerprint = createHash("sha256").update(Buffer.from(certificate.rawData)).digest("hex");
  return { pem: `${certificate.toString("pem")}\n`, keyPem, keys, certificate, fingerprint };
}

/**
 * The certificate with a month 99 in one of its dates, which OpenSSL loads.
 *
 * @param issuer signs it again; otherwise its signature is wrong
 */
export function withoutDate(
  { certificate }: IssuedCertificate,
  end: "notBefore" | "notAfter",
  issuer?: IssuedCertificate,
): string {
  const der = Buffer.from(new Uint8Array(certificate.rawData));
  const time = certificate[end].toISOString().replace(/^..|[-:T]|\.\d+/g, "");
  const at = der.indexOf(time);
  if (at < 0) throw new Error(`${end} is not in the certificate as ${time}`);
  der.write("99", at + 2, "latin1");
  return pemOf(issuer === undefined ? der : signedAgain(der, issuer));
}

/** A self-signed certificate as one of X.509 version 1: without its version and its extensions. */
export function asVersion1(issued: IssuedCertificate): string {
  return pemOf(
    signedAgain(Buffer.from(new Uint8Array(issued.certificate.rawData)), issued, ({ tag }) => tag < 0xa0),
  );
}

function pemOf(der: Buffer): string {
  const lines = der.toString("base64").replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

/** @param isKept which fields of the signed part stay */
function signedAgain(
  der: Buffer,
  { keyPem }: IssuedCertificate,
  isKept: (field: DerValue) => boolean = () => true,
): Buffer {
  const [certificate] = derValues(der);
  const [contents, algorithm] = derValues(derContents(certificate, DER_SEQUENCE));
  const fields = derValues(derContents(contents, DER_SEQUENCE)).filter(isKept).map(encoded);
  const signed = derEncoded(DER_SEQUENCE, ...fields);
  const signature = derEncoded(DER_BIT_STRING, Buffer.of(0), sign("sha256", signed, keyPem));
  return derEncoded(
    DER_SEQUENCE,
    signed,
    derEncoded(DER_SEQUENCE, derContents(algorithm, DER_SEQUENCE)),
    signature,
  );
}

const encoded = ({ tag, contents }: DerValue) => derEncoded(tag, contents);

function publicKeyOf(key: KeyObject): x509.PublicKey {
  return new x509.PublicKey(createPublicKey(key).export({ type: "spki", format: "der" }));
}

/** For a certificate of the other key type. */
export function rsaKeys(modulusLength = 2048): Promise<webcrypto.CryptoKeyPair> {
  const algorithm = { ...RSA, modulusLength, publicExponent: new Uint8Array([1, 0, 1]) };
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

/** Key, leaf and chain in one text, as the mail servers take it. */
export function combinedPem(leaf: IssuedCertificate, ...chain: readonly IssuedCertificate[]): string {
  return [leaf.keyPem, leaf.pem, ...chain.map(({ pem }) => pem)].join("");
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
