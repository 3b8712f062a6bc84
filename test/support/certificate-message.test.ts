import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CertificateMessageError, certificatesAsSent } from "./certificate-message";

function uint24(value: number): Buffer {
  const bytes = Buffer.alloc(3);
  bytes.writeUIntBE(value, 0, 3);
  return bytes;
}

const message = (type: number, body: Buffer) => Buffer.concat([Buffer.of(type), uint24(body.length), body]);

function listOf(certificates: readonly Buffer[]): Buffer {
  const body = Buffer.concat(certificates.flatMap((one) => [uint24(one.length), one]));
  return Buffer.concat([uint24(body.length), body]);
}

function record(type: number, body: Buffer, version = [3, 3]): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(body.length);
  return Buffer.concat([Buffer.of(type, ...version), length, body]);
}

/** The messages in records of at most so many bytes. */
function records(messages: Buffer, size: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < messages.length; at += size) parts.push(record(22, messages.subarray(at, at + size)));
  return Buffer.concat(parts);
}

const SERVER_HELLO = message(2, Buffer.alloc(70));
const SERVER_HELLO_DONE = message(14, Buffer.alloc(0));
const CHANGE_CIPHER_SPEC = record(20, Buffer.of(1));

const bytes = (minLength: number) =>
  fc.uint8Array({ minLength, maxLength: 300 }).map((array) => Buffer.from(array));
const handshake = fc
  .record({ certificates: fc.array(bytes(1), { maxLength: 8 }), size: fc.integer({ min: 1, max: 16_384 }) })
  .map(({ certificates, size }) => {
    const messages = [SERVER_HELLO, message(11, listOf(certificates)), SERVER_HELLO_DONE];
    return {
      certificates,
      sent: Buffer.concat([records(Buffer.concat(messages), size), CHANGE_CIPHER_SPEC]),
    };
  });

function refusalOf(sent: Buffer): string {
  try {
    certificatesAsSent(sent);
  } catch (error) {
    if (error instanceof CertificateMessageError) return error.message;
    throw error;
  }
  return "read";
}

describe("certificatesAsSent", () => {
  it("GIVEN messages in records of any size THEN the list is told as sent", () => {
    fc.assert(
      fc.property(handshake, bytes(0), ({ certificates, sent }, rest) => {
        expect(certificatesAsSent(Buffer.concat([sent, rest]))).toEqual(certificates);
      }),
    );
  });

  it("GIVEN a warning in front THEN it is passed over", () => {
    const warning = record(21, Buffer.of(1, 112));
    const sent = [
      warning,
      record(22, SERVER_HELLO),
      warning,
      record(22, message(11, listOf([Buffer.of(7)]))),
    ];
    expect(certificatesAsSent(Buffer.concat(sent))).toEqual([Buffer.of(7)]);
  });

  it.each<[what: string, sent: Buffer, refusal: string]>([
    ["nothing", Buffer.alloc(0), "no list of certificates was sent"],
    ["clear text", Buffer.from("220 mx1.domain1.tld ESMTP\r\n"), "no list of certificates was sent"],
    ["records of another protocol", record(22, SERVER_HELLO, [9, 9]), "what was sent is no TLS record"],
    ["a record that is too long", Buffer.of(22, 3, 3, 0xff, 0xff), "what was sent is no TLS record"],
    [
      "certificates behind ChangeCipherSpec",
      Buffer.concat([CHANGE_CIPHER_SPEC, record(22, message(11, listOf([Buffer.of(7)])))]),
      "no list of certificates was sent",
    ],
    ["half a list", record(22, message(11, listOf([Buffer.of(7)]))).subarray(0, -1), "cut off"],
    [
      "a list with more behind it",
      record(22, message(11, Buffer.of(0, 0, 0, 7))),
      "another length than it says",
    ],
    ["a list without a length", record(22, message(11, Buffer.of(0))), "another length than it says"],
    [
      "a certificate longer than the list",
      record(22, message(11, Buffer.of(0, 0, 4, 0, 0, 9, 7))),
      "without an end",
    ],
    ["an empty certificate", record(22, message(11, Buffer.of(0, 0, 3, 0, 0, 0))), "without an end"],
    [
      "more certificates than anybody has",
      record(22, message(11, listOf(Array.from({ length: 1001 }, () => Buffer.of(7))))),
      "without an end",
    ],
  ])("GIVEN %s THEN it is refused", (_, sent, refusal) => {
    expect(refusalOf(sent)).toContain(refusal);
  });

  it("GIVEN any change THEN there is a list, or its own error", () => {
    fc.assert(
      fc.property(handshake, fc.nat(), bytes(0), fc.nat(5), ({ sent }, at, piece, removed) => {
        const position = at % sent.length;
        refusalOf(Buffer.concat([sent.subarray(0, position), piece, sent.subarray(position + removed)]));
        refusalOf(piece);
      }),
      { numRuns: 1000 },
    );
  });
});
