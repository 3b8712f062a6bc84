import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

const TYPES = { A: 1, NS: 2, CNAME: 5, TXT: 16, AAAA: 28, CAA: 257 } as const;
export type RecordType = keyof typeof TYPES;

/** `TYPE name` and what there is: addresses, names, texts. */
export type Zone = Map<string, readonly string[]>;

const NO_ERROR = 0;
const SERVER_FAILURE = 2;
const NO_SUCH_NAME = 3;

/** A DNS server over UDP that answers from a table, or as a resolver that remembers what it was told first. */
export class DnsServer {
  /** `TYPE name`, in the order in which they were asked. */
  readonly asked: string[] = [];
  isBroken = false;

  private constructor(
    private readonly socket: Socket,
    readonly address: string,
    private readonly lookUp: (type: RecordType, name: string) => readonly string[] | null,
  ) {
    socket.on("message", (question, from) => {
      const { type, name } = questionIn(question);
      this.asked.push(`${type} ${name}`);
      socket.send(this.#answer(question, type, name), from.port, from.address);
    });
  }

  /** The server of a zone: null where there is nothing of that name and type. */
  static authority(zone: Zone, address: string, port = 0): Promise<DnsServer> {
    return DnsServer.#start((type, name) => zone.get(`${type} ${name}`) ?? null, address, port);
  }

  /** A public resolver, which asks a zone, and remembers for ever what that has said: that there is nothing, too. */
  static resolver(zone: Zone): Promise<DnsServer> {
    const known = new Map<string, readonly string[] | null>();
    return DnsServer.#start((type, name) => {
      const key = `${type} ${name}`;
      if (!known.has(key)) known.set(key, zone.get(key) ?? null);
      return known.get(key) ?? null;
    }, "127.0.0.1");
  }

  static async #start(lookUp: DnsServer["lookUp"], address: string, port = 0): Promise<DnsServer> {
    const socket = createSocket("udp4");
    socket.bind(port, address);
    await once(socket, "listening");
    return new DnsServer(socket, address, lookUp);
  }

  get port(): number {
    return this.socket.address().port;
  }

  close(): void {
    this.socket.close();
  }

  #answer(question: Buffer, type: RecordType, name: string): Buffer {
    const found = this.lookUp(type, name);
    // An alias is an answer to every question about its name.
    const alias = found === null && type !== "CNAME" ? this.lookUp("CNAME", name) : null;
    const records = (found ?? alias ?? []).map((value) => record(alias ? "CNAME" : type, value));
    const header = Buffer.alloc(12);
    question.copy(header, 0, 0, 2);
    const status = this.isBroken ? SERVER_FAILURE : records.length > 0 ? NO_ERROR : NO_SUCH_NAME;
    header.writeUInt16BE(0x8580 | status, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(this.isBroken ? 0 : records.length, 6);
    const asked = question.subarray(12, endOfQuestion(question));
    return Buffer.concat([header, asked, ...(this.isBroken ? [] : records)]);
  }
}

function endOfQuestion(message: Buffer): number {
  let at = 12;
  while ((message[at] ?? 0) !== 0) at += (message[at] as number) + 1;
  return at + 5;
}

function questionIn(message: Buffer): { readonly type: RecordType; readonly name: string } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length !== 0; length = message[at] ?? 0) {
    labels.push(message.toString("latin1", at + 1, at + 1 + length));
    at += length + 1;
  }
  const number = message.readUInt16BE(at + 1);
  const [type] = Object.entries(TYPES).find(([, each]) => each === number) ?? ["A"];
  return { type: type as RecordType, name: labels.join(".").toLowerCase() };
}

/** The name of the question, by a pointer to it; a day long. */
function record(type: RecordType, value: string): Buffer {
  const data = dataOf(type, value);
  const head = Buffer.from([0xc0, 12, 0, 0, 0, 1, 0, 1, 0x51, 0x80, 0, 0]);
  head.writeUInt16BE(TYPES[type], 2);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function dataOf(type: RecordType, value: string): Buffer {
  if (type === "A") return Buffer.from(value.split(".").map(Number));
  if (type === "AAAA") return ipv6Data(value);
  if (type === "TXT") return Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
  if (type === "CAA") return caaData(value);
  const labels = value
    .split(".")
    .map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

/** Of an address with or without `::`. */
function ipv6Data(value: string): Buffer {
  const [before = [], after = []] = value.split("::").map((half) => half.split(":").filter(Boolean));
  const zeros = new Array(8 - before.length - after.length).fill("0");
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, "0")).join(""), "hex");
}

/** As in a zone file, without quotes: `0 issue ca.test; validationmethods=dns-01`. */
function caaData(value: string): Buffer {
  const [, flags, tag = "", issuer = ""] = /^(\d+) (\S+) (.*)$/.exec(value) ?? [];
  return Buffer.concat([Buffer.from([Number(flags), tag.length]), Buffer.from(tag + issuer)]);
}
