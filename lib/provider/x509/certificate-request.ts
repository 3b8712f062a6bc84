// Imported first: @peculiar/x509 requires it when it is loaded. Both are slow to load, so this file is
// imported with the first order and not when the process starts.
import "reflect-metadata";
import type { KeyObject } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { CertificateName } from "../../shared/host-name";
import { importPrivate, importPublic, usableSigning } from "./web-crypto";

/** A certificate request (PKCS #10), DER. It has no subject: CAs choose the CN, or give none. */
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
