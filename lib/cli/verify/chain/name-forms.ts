import { type DerValue, derIdentifier, derValues } from "../../../shared/der";

/** A name in a certificate, or the base of a subtree of names, in a form that can be compared. */
export interface ComparableName {
  /** Only names of the same form are compared. */
  readonly form: string;
  readonly text: string;
  /** The name in messages. */
  readonly shown: string;
}

/** The tags of a GeneralName (RFC 5280 §4.2.1.6). */
const OTHER_NAME = 0xa0;
const MAILBOX = 0x81;
const DNS_NAME = 0x82;
const DIRECTORY_NAME = 0xa4;
const URI = 0x86;
const IP_ADDRESS = 0x87;

/**
 * Whether a name is in the subtree of a base (RFC 5280 §4.2.1.10); null if one of them has a syntax that clients refuse.
 */
type IsWithin = (name: string, base: string) => boolean | null;

/** The forms that clients compare. */
const IS_WITHIN: ReadonlyMap<string, IsWithin> = new Map<string, IsWithin>([
  ["dns", isDnsNameWithin],
  ["mailbox", isMailboxWithin],
  ["directory", (name, base) => name.startsWith(base)],
  ["uri", isUriWithin],
  ["ip", isAddressWithin],
]);

/** Compares two names of the same form. Null: clients refuse a certificate in which they would have to be compared. */
export function isWithin(name: ComparableName, base: ComparableName): boolean | null {
  return IS_WITHIN.get(name.form)?.(name.text, base.text) ?? null;
}

/** @throws RangeError if the value is not a GeneralName in DER */
export function comparableName(value: DerValue): ComparableName {
  const { tag, contents } = value;
  const text = contents.toString("latin1");
  switch (tag) {
    case MAILBOX:
      return { form: "mailbox", text, shown: text };
    case DNS_NAME:
      return { form: "dns", text: text.toLowerCase(), shown: text };
    case DIRECTORY_NAME:
      // Its tag is explicit: the contents are a whole Name.
      return directoryName(derValues(contents)[0]?.contents ?? Buffer.alloc(0), "a directory name");
    case URI:
      return { form: "uri", text, shown: text };
    case IP_ADDRESS:
      return { form: "ip", text, shown: `the address ${[...contents].join(".")}` };
    case OTHER_NAME: {
      const id = derIdentifier(derValues(contents)[0]);
      return { form: `other name ${id}`, text, shown: `a name of the type ${id}` };
    }
    default:
      return { form: `tag ${tag}`, text, shown: "a name of a rare form" };
  }
}

/**
 * Makes a distinguished name comparable, as OpenSSL does: strings of any type are the same if they are the same in lower
 * case with single spaces.
 *
 * @param rdns the contents of its SEQUENCE
 * @throws RangeError if it is not DER
 */
export function directoryName(rdns: Buffer, shown: string): ComparableName {
  const lines = derValues(rdns).map(({ contents }) => derValues(contents).map(attribute).sort().join("+"));
  return { form: "directory", text: lines.map((line) => `${line}\n`).join(""), shown };
}

const EMAIL_ADDRESS = "1.2.840.113549.1.9.1";

/**
 * The mailboxes in a subject, to which constraints apply as well (RFC 5280 §4.2.1.10).
 *
 * @throws RangeError if it is not DER
 */
export function mailboxesIn(rdns: Buffer): ComparableName[] {
  return derValues(rdns)
    .flatMap(({ contents }) => derValues(contents))
    .flatMap(({ contents }) => {
      const [type, value] = derValues(contents);
      if (value === undefined || derIdentifier(type) !== EMAIL_ADDRESS) return [];
      return [comparableName({ tag: MAILBOX, contents: value.contents })];
    });
}

/** An AttributeTypeAndValue. Hexadecimal digits keep what a CA writes into a value apart from the signs between values. */
function attribute({ contents }: DerValue): string {
  const [type, value] = derValues(contents);
  if (value === undefined) throw new RangeError("the attribute has no value");
  const string = STRINGS.get(value.tag)?.(value.contents);
  if (string === undefined) return `${derIdentifier(type)}=${value.tag}:${value.contents.toString("hex")}`;
  const folded = string.replace(/^[ \t-\r]+|[ \t-\r]+$/g, "").replace(/[ \t-\r]+/g, " ");
  const lower = folded.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return `${derIdentifier(type)}=string:${Buffer.from(lower).toString("hex")}`;
}

const utf8 = (bytes: Buffer) => bytes.toString("utf8");
const latin1 = (bytes: Buffer) => bytes.toString("latin1");

/** Types of strings by their tag: UTF8String, PrintableString, T61String, IA5String, VisibleString, BMPString. */
const STRINGS: ReadonlyMap<number, (bytes: Buffer) => string> = new Map([
  [0x0c, utf8],
  [0x13, latin1],
  [0x14, latin1],
  [0x16, latin1],
  [0x1a, latin1],
  [0x1e, (bytes) => new TextDecoder("utf-16be").decode(bytes)],
]);

/** A base with a leading dot, which RFC 5280 does not have for these names, excludes the base itself: so do OpenSSL and Go. */
function isDnsNameWithin(name: string, base: string): boolean {
  if (!name.endsWith(base)) return false;
  return (
    base === "" || base.startsWith(".") || name.length === base.length || name.at(-base.length - 1) === "."
  );
}

/** The base is a mailbox, a host, or the hosts of a domain if it begins with a dot. */
function isMailboxWithin(mailbox: string, base: string): boolean | null {
  const at = mailbox.lastIndexOf("@");
  if (at < 0) return null;
  const host = mailbox.slice(at + 1).toLowerCase();
  const baseAt = base.lastIndexOf("@");
  const baseHost = base.slice(baseAt + 1).toLowerCase();
  if (baseAt < 0 && base.startsWith("."))
    return mailbox.toLowerCase().endsWith(baseHost) && host !== baseHost;
  const isSameUser = baseAt <= 0 || mailbox.slice(0, at) === base.slice(0, baseAt);
  return isSameUser && host === baseHost;
}

function isUriWithin(uri: string, base: string): boolean | null {
  const host = /^[^:]*:\/\/([^:/]+)/.exec(uri)?.[1]?.toLowerCase();
  if (host === undefined) return null;
  const folded = base.toLowerCase();
  return folded.startsWith(".") ? host.length > folded.length && host.endsWith(folded) : host === folded;
}

/** The base is an address and a mask of the same length. */
function isAddressWithin(address: string, base: string): boolean | null {
  const [bytes, network] = [Buffer.from(address, "latin1"), Buffer.from(base, "latin1")];
  if (!LENGTHS.has(bytes.length) || !LENGTHS.has(network.length / 2)) return null;
  if (network.length !== bytes.length * 2) return false;
  return bytes.every((byte, at) => {
    const mask = network[bytes.length + at] as number;
    return (byte & mask) === ((network[at] as number) & mask);
  });
}

const LENGTHS: ReadonlySet<number> = new Set([4, 16]);
