// Imported first: @peculiar/x509 requires it when it is loaded. Both are slow to load, so this file is
// imported with the first certificate and not when the process starts.
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
  /** The first one is the subject's CN if it is short enough. */
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

/** What a CA's certificates take from the CA. */
interface Issuer {
  /** The encoded bytes unchanged: some clients do not match names that are encoded differently. */
  readonly name: x509.Name;
  readonly identifier: x509.Extension;
  readonly signingKey: webcrypto.CryptoKey;
}

/**
 * Cached by the CA's key: one CA usually issues all certificates of a stack, and parsing it takes longer than
 * issuing one.
 */
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

/** The type is given because the library interprets quotes and backslashes in a plain string. */
function commonNameOnly(commonName: string): x509.Name {
  return new x509.Name([{ CN: [{ utf8String: commonName }] }]);
}

const END_ENTITY = new x509.BasicConstraintsExtension(false, undefined, true);
const FOR_SERVERS = new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]);
const KEY_USAGE = new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true);
/** Includes key encipherment: old clients still use RSA key exchange (RFC 5246 §7.4.2). */
const RSA_KEY_USAGE = new x509.KeyUsagesExtension(
  x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment,
  true,
);

/** Must be critical if there is no subject (RFC 5280 §4.2.1.6). */
function subjectAlternativeNames(names: readonly CertificateName[], critical: boolean): x509.Extension {
  const dns = names.map((value) => ({ type: "dns" as const, value }));
  return new x509.SubjectAlternativeNameExtension(dns, critical);
}

/** The CA certificate's own key identifier, which may be computed differently from ours. */
async function authorityKeyIdentifier(issuer: x509.X509Certificate): Promise<x509.Extension> {
  const own = issuer.getExtension(x509.SubjectKeyIdentifierExtension);
  return own === null
    ? x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey)
    : new x509.AuthorityKeyIdentifierExtension(own.keyId);
}

/** 128 bits as hex, 126 of them random. The two fixed bits make it positive without a leading zero byte. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] as number) & 0x3f) | 0x40;
  return bytes.toString("hex");
}

function pemOf(certificate: x509.X509Certificate): string {
  return `${certificate.toString("pem").trimEnd()}\n`;
}
