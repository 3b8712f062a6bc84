import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import {
  DER_BIT_STRING,
  DER_INTEGER,
  DER_OBJECT_IDENTIFIER,
  DER_OCTET_STRING,
  DER_SEQUENCE,
  derEncoded,
} from "../../../shared/der";

/** A key and its certificate: PEM for the TLS server, DER for the engine. */
export interface ServerCertificate {
  readonly privateKeyPem: string;
  readonly certificatePem: string;
  readonly certificateDer: Buffer;
}

/**
 * A self-signed certificate for `localhost`, created for this process. The engine reads it from the handshake
 * line and trusts no other. Valid from 2000 to 9999, so that it is valid whatever the clock says.
 *
 * node:crypto cannot create certificates, and loading the library that can takes longer than the rest of the
 * start. This writes the DER (X.690) of one fixed form of RFC 5280 instead.
 */
export function createServerCertificate(): ServerCertificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const toBeSigned = sequence(
    explicit(0, integer(Buffer.of(2))),
    integer(serialNumber()),
    ECDSA_WITH_SHA256,
    LOCALHOST_NAME,
    VALIDITY,
    LOCALHOST_NAME,
    publicKey.export({ type: "spki", format: "der" }),
    explicit(3, sequence(SUBJECT_ALT_NAME)),
  );
  const certificateDer = sequence(
    toBeSigned,
    ECDSA_WITH_SHA256,
    bitString(sign("sha256", toBeSigned, privateKey)),
  );
  return {
    privateKeyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    certificatePem: `-----BEGIN CERTIFICATE-----\n${certificateDer.toString("base64")}\n-----END CERTIFICATE-----\n`,
    certificateDer,
  };
}

/** Always positive and without leading zero bytes: OpenSSL refuses a padded INTEGER. */
function serialNumber(): Buffer {
  const serial = randomBytes(16);
  serial[0] = 0x40 | ((serial[0] ?? 0) & 0x3f);
  return serial;
}

const sequence = (...contents: readonly Buffer[]) => derEncoded(DER_SEQUENCE, ...contents);
const set = (...contents: readonly Buffer[]) => derEncoded(0x31, ...contents);
const explicit = (number: number, content: Buffer) => derEncoded(0xa0 | number, content);
const integer = (bytes: Buffer) => derEncoded(DER_INTEGER, bytes);
const bitString = (bytes: Buffer) => derEncoded(DER_BIT_STRING, Buffer.of(0), bytes);
const octetString = (bytes: Buffer) => derEncoded(DER_OCTET_STRING, bytes);
const oid = (hex: string) => derEncoded(DER_OBJECT_IDENTIFIER, Buffer.from(hex, "hex"));
const utf8String = (text: string) => derEncoded(0x0c, Buffer.from(text));
const utcTime = (text: string) => derEncoded(0x17, Buffer.from(text));
const generalizedTime = (text: string) => derEncoded(0x18, Buffer.from(text));
const dnsName = (name: string) => derEncoded(0x82, Buffer.from(name));

const ECDSA_WITH_SHA256 = sequence(oid("2a8648ce3d040302"));
const COMMON_NAME = oid("550403");
const LOCALHOST_NAME = sequence(set(sequence(COMMON_NAME, utf8String("localhost"))));
const VALIDITY = sequence(utcTime("000101000000Z"), generalizedTime("99991231235959Z"));
// The engine asks for the server name `localhost` and ignores the CN.
const SUBJECT_ALT_NAME = sequence(oid("551d11"), octetString(sequence(dnsName("localhost"))));
