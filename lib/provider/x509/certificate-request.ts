// The first one: @peculiar/x509 asks for it when it is loaded. Both are heavy, so this file is imported when a
// certificate is ordered for the first time, and not when the process starts.
import "reflect-metadata";
import type { KeyObject } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { CertificateName } from "../../shared/host-name";
import { importPrivate, importPublic, usableSigning } from "./web-crypto";

/** A request for a certificate (PKCS #10), DER. Without a subject: CAs choose the CN, or give none. */
export async function certificateRequest(names: readonly CertificateName[], key: KeyObject): Promise<Buffer> {
  const [privateKey, publicKey] = await Promise.all([importPrivate(key), importPublic(key)]);
  const dns = names.map((value) => ({ type: "dns" as const, value }));
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    keys: { privateKey, publicKey },
    signingAlgorithm: usableSigning(key),
    extensions: [new x509.SubjectAlternativeNameExtension(dns)],
  });
  return Buffer.from(request.rawData);
}

/**
 * What a CA knows a certificate by in its renewal information: the identifier of the issuer's key and the serial number
 * (RFC 9773 §4.1). Null for a certificate that does not name its issuer's key, or not in a way that can be read.
 */
export function renewalInformationId(pem: string): string | null {
  const certificate = readable(pem);
  const keyId = certificate?.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId;
  if (!certificate || keyId === undefined) return null;
  return [keyId, certificate.serialNumber]
    .map((hex) => Buffer.from(hex, "hex").toString("base64url"))
    .join(".");
}

/** The library refuses some extensions that OpenSSL takes. */
function readable(pem: string): x509.X509Certificate | null {
  try {
    return new x509.X509Certificate(pem);
  } catch {
    return null;
  }
}
