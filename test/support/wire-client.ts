import { randomBytes, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface WireQuestion {
  readonly port: number;
  /** Sent as it is, an empty one too. @default no SNI */
  readonly serverName?: string | Buffer;
  /** Whether EHLO and STARTTLS come first (SMTP). @default true */
  readonly startTls?: boolean;
  /** Sent together with STARTTLS, as an attacker in between would. @default "" */
  readonly behindStartTls?: string;
}

export interface WireAnswer {
  /** All that was presented, in the order in which it came. */
  readonly certificates: readonly X509Certificate[];
  /** The number of a fatal TLS alert. */
  readonly alert: number | null;
  /** What was said in clear instead of TLS, or behind an alert. */
  readonly inClear: string;
}

/**
 * Asks a server for its certificate with a ClientHello of TLS 1.2 written by hand, and reads the answer off the wire:
 * what is sent, and in which order, whatever any TLS library would make of it. The handshake is not finished.
 */
export async function askOnTheWire(question: WireQuestion): Promise<WireAnswer> {
  const { port, serverName, startTls = true, behindStartTls = "" } = question;
  const socket = connect({ port, host: "127.0.0.1" });
  try {
    await once(socket, "connect");
    const bytes = new Bytes(socket);
    if (startTls) {
      const refusal = await negotiateStartTls(socket, bytes, behindStartTls);
      if (refusal !== null) return { certificates: [], alert: null, inClear: refusal };
    }
    socket.write(clientHello(serverName));
    return await readAnswer(bytes);
  } finally {
    socket.destroy();
  }
}

/** The greeting, and the answers to these commands, each sent after the answer to the one before. */
export async function smtpDialogue(port: number, commands: readonly string[]): Promise<string[]> {
  const socket = connect({ port, host: "127.0.0.1" });
  try {
    const bytes = new Bytes(socket);
    const replies = [await bytes.reply()];
    for (const command of commands) {
      socket.write(`${command}\r\n`);
      replies.push(await bytes.reply());
    }
    return replies;
  } finally {
    socket.destroy();
  }
}

/** @returns null when TLS comes next, else what the server said instead */
async function negotiateStartTls(socket: Socket, bytes: Bytes, behind: string): Promise<string | null> {
  await bytes.reply();
  socket.write("EHLO [127.0.0.1]\r\n");
  const keywords = await bytes.reply();
  if (!keywords.includes("250-STARTTLS\r\n")) return keywords;
  socket.write(`STARTTLS\r\n${behind}`);
  const answer = await bytes.reply();
  return answer.startsWith("220 ") ? null : answer;
}

const ALERT = 21;
const HANDSHAKE = 22;
const CERTIFICATE = 11;

async function readAnswer(bytes: Bytes): Promise<WireAnswer> {
  let handshake = Buffer.alloc(0);
  for (;;) {
    const header = await bytes.take(5);
    const type = header[0];
    if (type !== ALERT && type !== HANDSHAKE) {
      return { certificates: [], alert: null, inClear: header.toString() + (await bytes.rest()) };
    }
    const content = await bytes.take(header.readUInt16BE(3));
    if (type === ALERT) return { certificates: [], alert: content[1] ?? null, inClear: await bytes.rest() };
    handshake = Buffer.concat([handshake, content]);
    const message = certificateMessage(handshake);
    if (message !== null) return { certificates: certificatesIn(message), alert: null, inClear: "" };
  }
}

/** The body of the Certificate message (RFC 5246 §7.4.2), once all of it is there. */
function certificateMessage(handshake: Buffer): Buffer | null {
  for (let at = 0; at + 4 <= handshake.length; ) {
    const end = at + 4 + handshake.readUIntBE(at + 1, 3);
    if (handshake[at] === CERTIFICATE && end <= handshake.length) return handshake.subarray(at + 4, end);
    at = end;
  }
  return null;
}

function certificatesIn(message: Buffer): X509Certificate[] {
  const certificates: X509Certificate[] = [];
  for (let at = 3; at < message.length; ) {
    const end = at + 3 + message.readUIntBE(at, 3);
    certificates.push(new X509Certificate(message.subarray(at + 3, end)));
    at = end;
  }
  return certificates;
}

/** Of TLS 1.2, since in 1.3 the certificate is encrypted. Offers ECDSA and RSA, ECDSA first. */
export function clientHello(serverName?: string | Buffer): Buffer {
  const extensions = [
    extension(0x000a, vector(2, hex("001d00170018"))), // supported_groups
    extension(0x000b, vector(1, hex("00"))), // ec_point_formats
    extension(0x000d, vector(2, hex("040305030603080408050806040105010601"))), // signature_algorithms
  ];
  if (serverName !== undefined) {
    const name = vector(2, Buffer.from(serverName as string));
    extensions.push(extension(0x0000, vector(2, Buffer.concat([hex("00"), name]))));
  }
  const body = Buffer.concat([
    hex("0303"),
    randomBytes(32),
    vector(1, Buffer.alloc(0)), // session id
    vector(2, hex("c02bc02cc02fc030")), // cipher suites
    vector(1, hex("00")), // compression methods
    vector(2, Buffer.concat(extensions)),
  ]);
  return Buffer.concat([hex("160301"), vector(2, Buffer.concat([hex("01"), vector(3, body)]))]);
}

function extension(type: number, data: Buffer): Buffer {
  const number = Buffer.alloc(2);
  number.writeUInt16BE(type);
  return Buffer.concat([number, vector(2, data)]);
}

/** Data behind its own length. */
function vector(lengthSize: number, data: Buffer): Buffer {
  const length = Buffer.alloc(lengthSize);
  length.writeUIntBE(data.length, 0, lengthSize);
  return Buffer.concat([length, data]);
}

function hex(digits: string): Buffer {
  return Buffer.from(digits, "hex");
}

/** What a socket receives, taken in pieces of any size. */
class Bytes {
  #buffer = Buffer.alloc(0);
  #ended = false;
  #wake = () => {};

  constructor(socket: Socket) {
    const end = () => {
      this.#ended = true;
      this.#wake();
    };
    socket.on("end", end).on("close", end).on("error", end);
    socket.on("data", (chunk) => {
      this.#buffer = Buffer.concat([this.#buffer, chunk]);
      this.#wake();
    });
  }

  async take(count: number): Promise<Buffer> {
    await this.#until(() => this.#buffer.length >= count);
    return this.#cut(count);
  }

  /** An SMTP reply, all its lines. */
  async reply(): Promise<string> {
    const complete = () => /^\d{3} .*\r\n/m.test(this.#buffer.toString("latin1"));
    await this.#until(complete);
    return this.#cut(this.#buffer.length).toString("latin1");
  }

  /** Everything until the other side is done. */
  async rest(): Promise<string> {
    await this.#until(() => this.#ended);
    return this.#cut(this.#buffer.length).toString("latin1");
  }

  #cut(count: number): Buffer {
    const piece = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.subarray(count);
    return piece;
  }

  async #until(satisfied: () => boolean): Promise<void> {
    while (!satisfied()) {
      if (this.#ended) throw new Error(`the server closed after ${JSON.stringify(String(this.#buffer))}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
