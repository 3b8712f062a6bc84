import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import type { IssuedCertificate } from "../../../support/certificates";

const DAY_MS = 86_400_000;
const ISSUING_DISTRIBUTION_POINT = "2.5.29.28";

export interface ListOptions {
  readonly issuer: IssuedCertificate;
  /** @default none */
  readonly revoked?: readonly IssuedCertificate[];
  readonly reason?: x509.X509CrlReason;
  /** @default in a day */
  readonly nextUpdate?: Date | null;
  /** Who signs, where that is not the issuer. */
  readonly signer?: IssuedCertificate;
  /** @default none */
  readonly extensions?: readonly x509.Extension[];
}

/** A list of revoked certificates, as a CA publishes it. */
export async function revocationList({
  issuer,
  revoked = [],
  reason = x509.X509CrlReason.keyCompromise,
  nextUpdate = new Date(Date.now() + DAY_MS),
  signer = issuer,
  extensions = [],
}: ListOptions): Promise<Buffer> {
  const list = await x509.X509CrlGenerator.create({
    issuer: issuer.certificate.subject,
    thisUpdate: new Date(Date.now() - DAY_MS),
    ...(nextUpdate !== null && { nextUpdate }),
    entries: revoked.map(({ certificate }) => ({
      serialNumber: certificate.serialNumber,
      revocationDate: new Date("2026-01-02T03:04:05Z"),
      reason,
    })),
    extensions: [...extensions],
    signingKey: signer.keys.privateKey,
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
  });
  return Buffer.from(list.rawData);
}

/** Says what certificates a list is for: one URL, or a field by its tag. */
export function issuingDistributionPoint(scope: { url: string } | { tag: number }): x509.Extension {
  const value =
    "url" in scope
      ? tagged(0xa0, tagged(0xa0, tagged(0x86, Buffer.from(scope.url))))
      : tagged(scope.tag, Buffer.of(0xff));
  return new x509.Extension(ISSUING_DISTRIBUTION_POINT, true, tagged(0x30, value));
}

function tagged(tag: number, contents: Buffer): Buffer {
  return Buffer.concat([Buffer.of(tag, contents.length), contents]);
}

/** The URL at which the CA of a certificate publishes its list. */
export function publishedAt(...urls: readonly string[]): x509.Extension {
  return new x509.CRLDistributionPointsExtension([...urls]);
}
