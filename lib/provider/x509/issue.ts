// The first one: @peculiar/x509 asks for it when it is loaded. Both are heavy, so this file is imported when a
// certificate is made for the first time, and not when the process starts.
import "reflect-metadata";
import { type KeyObject, randomBytes, type webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { CertificateName } from "../../shared/host-name";
import { commonNameFor } from "./common-name";
import type { CaCertificate } from "./issuing-ca";
import type { Validity } from "./validity";
import { importPrivate, importPublic, spki, usableSigning } from "./web-crypto";

export interface CaRequest extends Validity {
  readonly commonName: string;
  readonly key: KeyObject;
}

/** A self-signed CA that can issue for end entities only, as PEM ended by one newline. */
export async function issueCa({ commonName, key, notBefore, notAfter }: CaRequest): Promise<string> {
  const [privateKey, publicKey] = await Promise.all([importPrivate(key), importPublic(key)]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: commonNameOnly(commonName),
    notBefore,
    notAfter,
    keys: { privateKey, publicKey },
    signingAlgorithm: usableSigning(key),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
  return pemOf(certificate);
}

export interface LeafRequest extends Validity {
  /** The first one is the subject's CN where it fits. */
  readonly names: readonly CertificateName[];
  readonly key: KeyObject;
  readonly ca: CaCertificate;
  readonly caKey: KeyObject;
}

/** A certificate for a TLS server, as PEM ended by one newline. */
export async function issueLeaf(request: LeafRequest): Promise<string> {
  const { names, key, ca, caKey, notBefore, notAfter } = request;
  const issuer = await issuerOf(ca, caKey);
  const publicKey = new x509.PublicKey(spki(key));
  const commonName = commonNameFor(names);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    ...(commonName !== null && { subject: commonNameOnly(commonName) }),
    issuer: issuer.name,
    notBefore,
    notAfter,
    publicKey,
    signingKey: issuer.signingKey,
    signingAlgorithm: usableSigning(caKey),
    extensions: [
      END_ENTITY,
      key.asymmetricKeyType === "rsa" ? RSA_KEY_USAGE : KEY_USAGE,
      FOR_SERVERS,
      subjectAlternativeNames(names, commonName === null),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      issuer.identifier,
    ],
  });
  return pemOf(certificate);
}

/** What each certificate of a CA has of it. */
interface Issuer {
  /** The bytes as they are: not every client compares names that are encoded differently as equal. */
  readonly name: x509.Name;
  readonly identifier: x509.Extension;
  readonly signingKey: webcrypto.CryptoKey;
}

/** By the CA's key. One CA commonly issues all certificates of a stack, and reading it takes longer than issuing one. */
const issuers = new WeakMap<KeyObject, Promise<Issuer>>();

function issuerOf(ca: CaCertificate, caKey: KeyObject): Promise<Issuer> {
  let issuer = issuers.get(caKey);
  if (issuer === undefined) {
    issuer = readIssuer(ca, caKey);
    issuers.set(caKey, issuer);
  }
  return issuer;
}

async function readIssuer(ca: CaCertificate, caKey: KeyObject): Promise<Issuer> {
  const certificate = new x509.X509Certificate(ca.x509.raw);
  return {
    name: certificate.subjectName,
    identifier: await authorityKeyIdentifier(certificate),
    signingKey: await importPrivate(caKey),
  };
}

/** With its type, since the library takes quotes and backslashes of a plain string for escapes. */
function commonNameOnly(commonName: string): x509.Name {
  return new x509.Name([{ CN: [{ utf8String: commonName }] }]);
}

const END_ENTITY = new x509.BasicConstraintsExtension(false, undefined, true);
const FOR_SERVERS = new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]);
const KEY_USAGE = new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true);
/** RSA may also encrypt the session's key, which old clients still have it do (RFC 5246 §7.4.2). */
const RSA_KEY_USAGE = new x509.KeyUsagesExtension(
  x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment,
  true,
);

/** Critical where there is no subject (RFC 5280 §4.2.1.6). */
function subjectAlternativeNames(names: readonly CertificateName[], critical: boolean): x509.Extension {
  const dns = names.map((value) => ({ type: "dns" as const, value }));
  return new x509.SubjectAlternativeNameExtension(dns, critical);
}

/** The identifier that the CA's own certificate gives, which need not be made as ours are. */
async function authorityKeyIdentifier(issuer: x509.X509Certificate): Promise<x509.Extension> {
  const own = issuer.getExtension(x509.SubjectKeyIdentifierExtension);
  return own === null
    ? x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey)
    : new x509.AuthorityKeyIdentifierExtension(own.keyId);
}

/** 128 bits as hex, of which 126 are random; positive and without a leading zero byte whatever these are. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] as number) & 0x3f) | 0x40;
  return bytes.toString("hex");
}

function pemOf(certificate: x509.X509Certificate): string {
  return `${certificate.toString("pem").trimEnd()}\n`;
}
