/** What a server sent is not the beginning of a TLS handshake with certificates. */
export class CertificateMessageError extends Error {
  override readonly name = "CertificateMessageError";
}

/**
 * The certificates that a server has sent, in DER and in its order, of the bytes of its side of a handshake. Up to TLS 1.2
 * they are in clear (RFC 5246 §7.4.2); in TLS 1.3 they are encrypted, so nothing is found.
 *
 * @param bytes from the server's first byte on; what comes after the certificates may be cut off
 * @throws CertificateMessageError where there is no complete list of certificates in them
 */
export function certificatesAsSent(bytes: Buffer): Buffer[] {
  const messages = handshakeBytes(bytes);
  for (let at = 0; at + HEADER_BYTES <= messages.length; ) {
    const type = messages.readUInt8(at);
    const start = at + HEADER_BYTES;
    const end = start + messages.readUIntBE(at + 1, 3);
    if (type === CERTIFICATE) {
      if (end > messages.length) throw new CertificateMessageError("the list of certificates is cut off");
      return certificatesIn(messages.subarray(start, end));
    }
    at = end;
  }
  throw new CertificateMessageError("no list of certificates was sent");
}

/** Of a handshake message: its type, and its length in three bytes (RFC 5246 §7.4). */
const HEADER_BYTES = 4;
const CERTIFICATE = 11;

/** Types of records (RFC 5246 §6.2.1). */
const ALERT = 21;
const HANDSHAKE = 22;
const RECORD_HEADER_BYTES = 5;
/** RFC 5246 §6.2.1, before encryption. */
const MOST_RECORD_BYTES = 16_384;
/** No server has so many; each costs a parser of certificates more than its bytes. */
const MOST_CERTIFICATES = 1000;

/**
 * The contents of the records in front of the first that is encrypted, as one. A message may be in several records, and
 * several messages in one. Alerts in between are warnings: the server has gone on after them.
 */
function handshakeBytes(bytes: Buffer): Buffer {
  const contents: Buffer[] = [];
  for (let at = 0; at + RECORD_HEADER_BYTES <= bytes.length; ) {
    const type = bytes.readUInt8(at);
    if (type !== HANDSHAKE && type !== ALERT) break;
    const length = bytes.readUInt16BE(at + 3);
    if (bytes.readUInt8(at + 1) !== 3 || length > MOST_RECORD_BYTES) {
      throw new CertificateMessageError("what was sent is no TLS record");
    }
    const start = at + RECORD_HEADER_BYTES;
    if (type === HANDSHAKE) contents.push(bytes.subarray(start, start + length));
    at = start + length;
  }
  return Buffer.concat(contents);
}

/** The length of all of them, then each behind its own length, in three bytes. */
function certificatesIn(message: Buffer): Buffer[] {
  if (message.length < 3 || message.readUIntBE(0, 3) !== message.length - 3) {
    throw new CertificateMessageError("the list of certificates has another length than it says");
  }
  const certificates: Buffer[] = [];
  for (let at = 3; at < message.length; ) {
    const start = at + 3;
    const length = start <= message.length ? message.readUIntBE(at, 3) : 0;
    if (length === 0 || start + length > message.length || certificates.length === MOST_CERTIFICATES) {
      throw new CertificateMessageError("the list of certificates has a certificate without an end");
    }
    certificates.push(message.subarray(start, start + length));
    at = start + length;
  }
  return certificates;
}
