/** What a TLS client says first, as far as a choice of certificates needs it. */
export interface ClientHello {
  /** The bytes of the SNI exactly as they were sent; null without one. */
  readonly serverName: Buffer | null;
}

/**
 * Reads a ClientHello (RFC 8446 §4.1.2) off the beginning of a TLS connection.
 *
 * TLS libraries hand out the name only as text, after they have looked at it; a server that makes a path of it is to
 * be tested with every byte.
 *
 * @returns "incomplete" while more bytes are needed, "malformed" for what a TLS library has to refuse
 */
export function readClientHello(bytes: Buffer): ClientHello | "incomplete" | "malformed" {
  const fragments: Buffer[] = [];
  const records = new Reader(bytes);
  for (;;) {
    const handshake = Buffer.concat(fragments);
    if (handshake.length >= 4 && handshake.length - 4 >= handshake.readUIntBE(1, 3)) {
      return parse(handshake.subarray(4, 4 + handshake.readUIntBE(1, 3)));
    }
    if (records.left < 5) return "incomplete";
    if (records.number(1) !== HANDSHAKE_RECORD) return "malformed";
    records.number(2); // The version of the record, which means nothing.
    const length = records.number(2);
    if (records.left < length) return "incomplete";
    fragments.push(records.bytes(length));
  }
}

const HANDSHAKE_RECORD = 22;
const SERVER_NAME_EXTENSION = 0;

function parse(body: Buffer): ClientHello | "malformed" {
  try {
    const hello = new Reader(body);
    hello.bytes(2 + 32); // Version and random.
    hello.vector(1); // Session id.
    hello.vector(2); // Cipher suites.
    hello.vector(1); // Compression methods.
    if (hello.left === 0) return { serverName: null };
    const extensions = hello.vector(2);
    while (extensions.left > 0) {
      const type = extensions.number(2);
      const extension = extensions.vector(2);
      if (type === SERVER_NAME_EXTENSION) return { serverName: serverNameIn(extension) };
    }
    return { serverName: null };
  } catch (error) {
    if (error instanceof RangeError) return "malformed";
    throw error;
  }
}

/** RFC 6066 §3: a list of names, of which there is only one kind. */
function serverNameIn(extension: Reader): Buffer {
  const list = extension.vector(2);
  list.number(1); // host_name
  const name = list.vector(2);
  return name.bytes(name.left);
}

/** Reads forwards. @throws RangeError where there is less than was asked for */
class Reader {
  #at = 0;

  constructor(private readonly buffer: Buffer) {}

  get left(): number {
    return this.buffer.length - this.#at;
  }

  number(size: number): number {
    const value = this.buffer.readUIntBE(this.#at, size);
    this.#at += size;
    return value;
  }

  bytes(length: number): Buffer {
    if (length > this.left) throw new RangeError("more was announced than there is");
    this.#at += length;
    return this.buffer.subarray(this.#at - length, this.#at);
  }

  /** What stands behind its own length. */
  vector(lengthSize: number): Reader {
    return new Reader(this.bytes(this.number(lengthSize)));
  }
}
