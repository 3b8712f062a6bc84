import { structureOf } from "../../shared/certificate-structure";
import { DER_SEQUENCE, derContents, derValues } from "../../shared/der";
import { loadedCertificate } from "../../shared/parsed-pems";

/**
 * A certificate's identifier in renewal information: the authority key identifier and the serial number (RFC
 * 9773 §4.1). Null for a certificate without a readable authority key identifier.
 *
 * @param pem begins with the certificate
 * @throws Error if it is not one that OpenSSL can read
 */
export function renewalInformationId(pem: string): string | null {
  const structure = structureOf(loadedCertificate(pem));
  const extension = structure?.extensions.find(({ id }) => id === AUTHORITY_KEY_IDENTIFIER);
  const keyId = extension === undefined ? undefined : keyIdentifierIn(extension.value);
  if (!structure || keyId === undefined) return null;
  return [keyId, structure.serialNumber].map((bytes) => bytes.toString("base64url")).join(".");
}

const AUTHORITY_KEY_IDENTIFIER = "2.5.29.35";
/** The tag of `keyIdentifier`: `[0] IMPLICIT OCTET STRING` (RFC 5280 §4.2.1.1). */
const KEY_IDENTIFIER = 0x80;

function keyIdentifierIn(value: Buffer): Buffer | undefined {
  try {
    const [sequence] = derValues(value);
    return derValues(derContents(sequence, DER_SEQUENCE)).find(({ tag }) => tag === KEY_IDENTIFIER)?.contents;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
