// Imported first: @peculiar/x509 requires it when it is loaded. Both are slow to load, so this file is
// imported with the first certificate and not when the process starts.
import "reflect-metadata";
import { type KeyObject, randomBytes } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { CertificateName } from "../../shared/host-name";
import { pemBlock } from "../../shared/pem-block";
import { commonNameFor } from "./common-name";
import type { CaCertificate } from "./issuing-ca";
import {
  commonNameAlone,
  NO_NAME,
  signedLeaf,
  subjectAlternativeNames,
  subjectKeyIdentifier,
} from "./leaf-der";
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
  return pemOf(bytesOf(certificate.rawData));
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
  const [commonName, publicKey] = [commonNameFor(names), spki(key)];
  const extensions = [
    END_ENTITY,
    key.asymmetricKeyType === "rsa" ? RSA_KEY_USAGE : KEY_USAGE,
    FOR_SERVERS,
    subjectAlternativeNames(names, commonName === null),
    subjectKeyIdentifier(publicKey),
    issuer.identifier,
  ];
  const subject = commonName === null ? NO_NAME : commonNameAlone(commonName);
  const parts = { issuer: issuer.name, subject, spki: publicKey, extensions, notBefore, notAfter };
  const der = await signedLeaf({ ...parts, serial: Buffer.from(serialNumber(), "hex") }, caKey);
  return pemOf(der);
}

/** What a CA's certificates take from the CA. */
interface Issuer {
  /** The encoded bytes unchanged: some clients do not match names that are encoded differently. */
  readonly name: Buffer;
  /** The extension that identifies its key. */
  readonly identifier: Buffer;
}

/**
 * Cached by the CA's key: one CA usually issues all certificates of a stack, and parsing it takes longer than
 * issuing one.
 */
const issuers = new WeakMap<KeyObject, Promise<Issuer>>();

function issuerOf(ca: CaCertificate, caKey: KeyObject): Promise<Issuer> {
  let issuer = issuers.get(caKey);
  if (issuer === undefined) {
    issuer = readIssuer(ca);
    issuers.set(caKey, issuer);
  }
  return issuer;
}

async function readIssuer(ca: CaCertificate): Promise<Issuer> {
  const certificate = new x509.X509Certificate(ca.x509.raw);
  return {
    name: bytesOf(certificate.subjectName.toArrayBuffer()),
    identifier: encoded(await authorityKeyIdentifier(certificate)),
  };
}

/** The type is given because the library interprets quotes and backslashes in a plain string. */
function commonNameOnly(commonName: string): x509.Name {
  return new x509.Name([{ CN: [{ utf8String: commonName }] }]);
}

const END_ENTITY = encoded(new x509.BasicConstraintsExtension(false, undefined, true));
const FOR_SERVERS = encoded(new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]));
const KEY_USAGE = encoded(new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true));
/** Includes key encipherment: old clients still use RSA key exchange (RFC 5246 §7.4.2). */
const RSA_KEY_USAGE = encoded(
  new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
);

function encoded({ rawData }: x509.Extension): Buffer {
  return bytesOf(rawData);
}

function bytesOf(encoding: ArrayBuffer): Buffer {
  return Buffer.from(encoding);
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

function pemOf(der: Buffer): string {
  return pemBlock("CERTIFICATE", der.toString("base64"));
}
