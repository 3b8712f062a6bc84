import type { X509Certificate } from "node:crypto";
import { certificateStructure } from "../../../shared/certificate-structure";
import { DER_SEQUENCE, type DerValue, derValues } from "../../../shared/der";

const CRL_DISTRIBUTION_POINTS = "2.5.29.31";

/** Context tags in a DistributionPoint and in its DistributionPointName. */
const DISTRIBUTION_POINT = 0xa0;
const FULL_NAME = 0xa0;
const REASONS = 0x81;
const CRL_ISSUER = 0xa2;
const URI = 0x86;

/**
 * Where the CA of a certificate publishes the list of what it has revoked (RFC 5280 §4.2.1.13): URLs for HTTP, in the
 * order of the certificate. Lists of another issuer, and those for some reasons alone, are left out.
 */
export function distributionPoints(certificate: X509Certificate): readonly string[] {
  const extensions = certificateStructure(certificate.raw)?.extensions ?? [];
  const found = extensions.find(({ id }) => id === CRL_DISTRIBUTION_POINTS);
  if (found === undefined) return [];
  try {
    const [points] = derValues(found.value);
    return points?.tag === DER_SEQUENCE ? derValues(points.contents).flatMap(urlsOf).filter(isHttp) : [];
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
}

function urlsOf({ contents }: DerValue): string[] {
  const parts = derValues(contents);
  if (parts.some(({ tag }) => tag === REASONS || tag === CRL_ISSUER)) return [];
  return parts.flatMap((part) => (part.tag === DISTRIBUTION_POINT ? fullNames(part.contents) : []));
}

/**
 * The URLs of a DistributionPointName.
 *
 * @throws RangeError if it is not DER
 */
export function fullNames(distributionPointName: Buffer): string[] {
  return derValues(distributionPointName)
    .filter(({ tag }) => tag === FULL_NAME)
    .flatMap(({ contents }) => derValues(contents))
    .flatMap(({ tag, contents }) => (tag === URI ? [contents.toString("latin1")] : []));
}

function isHttp(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}
