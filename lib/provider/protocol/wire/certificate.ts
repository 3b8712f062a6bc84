import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import {
  bitString,
  dnsName,
  explicit,
  generalizedTime,
  integer,
  octetString,
  oid,
  sequence,
  set,
  utcTime,
  utf8String,
} from "../../../shared/der-values";
import { pemBlock } from "../../../shared/pem-block";

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
    certificatePem: pemBlock("CERTIFICATE", certificateDer.toString("base64")),
    certificateDer,
  };
}

/** Always positive and without leading zero bytes: OpenSSL refuses a padded INTEGER. */
function serialNumber(): Buffer {
  const serial = randomBytes(16);
  serial[0] = 0x40 | ((serial[0] ?? 0) & 0x3f);
  return serial;
}

const ECDSA_WITH_SHA256 = sequence(oid("2a8648ce3d040302"));
const COMMON_NAME = oid("550403");
const LOCALHOST_NAME = sequence(set(sequence(COMMON_NAME, utf8String("localhost"))));
const VALIDITY = sequence(utcTime("000101000000Z"), generalizedTime("99991231235959Z"));
// The engine asks for the server name `localhost` and ignores the CN.
const SUBJECT_ALT_NAME = sequence(oid("551d11"), octetString(sequence(dnsName("localhost"))));
