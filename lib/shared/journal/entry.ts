import { JsonError } from "../json/json-error";
import type { Member } from "../json/member";
import { parseJson } from "../json/parse-json";
import { isRfc3339 } from "../time/rfc3339";

/** What every entry of an issuance journal holds. */
interface Common {
  /** 16 random hexadecimal digits. */
  readonly id: string;
  /** Counts its versions: of several places, the one with the latest counts. */
  readonly revision: number;
  readonly stack: string;
  /** The `mailsni_state_identity` of the state that it is for; null if the resource names none. */
  readonly state: string | null;
  /** Whether that state is known to be saved. If not, a killed run may have lost it. */
  readonly isStateSaved: boolean;
  /** Where the run was: a hash of machine, user, folder, workspace and backend. */
  readonly place: string;
  /** A hash of the workspace and a remote backend: on a host, the next run may be at another place. */
  readonly workspace: string;
  /** When it was begun: RFC 3339, to the second. */
  readonly begunAt: string;
  /** The URL of the CA's directory. */
  readonly directory: string;
  /** The thumbprint of the account's key (RFC 7638), base64url. */
  readonly account: string;
  /** The private key, as PEM: encrypted if there is a passphrase. */
  readonly key: string;
}

/** A certificate that was, or is about to be, ordered. */
export interface CertificateEntry extends Common {
  readonly kind: "certificate";
  /** The ordered names, sorted. */
  readonly names: readonly string[];
  readonly keyAlgorithm: string;
  readonly profile: string | null;
  /** SHA-256 of the resource's `reissue`: lower-case hex. */
  readonly reissue: string | null;
  /** The identifier (RFC 9773 §4.1) of the certificate that it replaces. */
  readonly replaces: string | null;
  /** SHA-256 of the public key (SubjectPublicKeyInfo): lower-case hex. */
  readonly publicKey: string;
  /** Whether the previous certificate has the same key. */
  readonly reusesKey: boolean;
  /** The order's URL, once there is one. */
  readonly order: string | null;
  /** The certificate, once it was downloaded. */
  readonly leaf: JournalLeaf | null;
}

export interface JournalLeaf {
  /** SHA-256 of the DER: lower-case hex. */
  readonly fingerprint: string;
  /** RFC 3339, to the second. */
  readonly notBefore: string;
  readonly notAfter: string;
}

/** An account that was, or is about to be, registered. Its key is new. */
export interface AccountEntry extends Common {
  readonly kind: "account";
  /** The id of the external account that it is bound to. */
  readonly externalAccount: string | null;
}

export type JournalEntry = CertificateEntry | AccountEntry;

/** The longest entry, in characters. */
export const LONGEST_ENTRY = 300_000;

const LONGEST_TEXT = 1000;
const LONGEST_URL = 2048;
const LONGEST_KEY = 20_000;
/** More than any CA allows: an entry that cannot be read back is lost. */
const MOST_NAMES = 1000;

/** The next version of an entry. */
export function revised<E extends JournalEntry>(entry: E, news: Partial<JournalEntry>): E {
  return { ...entry, ...news, revision: entry.revision + 1 } as E;
}

/** One line of JSON: the same for the same entry, so that it can be authenticated. */
export function entryText(entry: JournalEntry): string {
  return `${JSON.stringify(entry, MEMBERS)}\n`;
}

/** Each run adds a few. */
const MOST_REVISIONS = 1_000_000;

/** In this order, at any depth. */
const MEMBERS: string[] = [
  ...[
    "kind",
    "id",
    "revision",
    "stack",
    "state",
    "isStateSaved",
    "place",
    "workspace",
    "begunAt",
    "directory",
    "account",
  ],
  ...["externalAccount", "names", "keyAlgorithm", "profile", "reissue", "replaces", "publicKey", "reusesKey"],
  ...["order", "leaf", "fingerprint", "notBefore", "notAfter", "key"],
];

/**
 * Parses an entry exactly as `entryText` writes it.
 *
 * @throws {JsonError} whose message may quote a key: show its `at` alone
 */
export function parseEntry(text: string): JournalEntry {
  const root = parseJson(text, LONGEST_ENTRY);
  const kind = root.member("kind").oneOf(["certificate", "account"]);
  const entry = kind === "certificate" ? certificate(root) : account(root);
  const known = new Set(Object.keys(entry));
  const others = root.entries(known.size, () => null).filter(([key]) => !known.has(key));
  if (others.length > 0) throw root.error("has a member that is not known");
  return entry;
}

/**
 * Parses the latest whole version of an entry. Later versions of it follow the first one, and the last of them may be cut off, or lost
 * in a power failure.
 *
 * @throws {JsonError} if the first one is not an entry: see {@link parseEntry}
 */
export function parseLatest(text: string): JournalEntry {
  const [first = "", ...later] = text.split("\n");
  for (const line of later.reverse()) {
    try {
      if (line !== "") return parseEntry(line);
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
    }
  }
  return parseEntry(first);
}

function certificate(root: Member): CertificateEntry {
  return {
    kind: "certificate",
    ...common(root),
    names: root.member("names").list(MOST_NAMES, (name) => matching(name, 255, NAME, "a host name")),
    keyAlgorithm: matching(root.member("keyAlgorithm"), 20, WORD, "a key algorithm"),
    profile: root.member("profile").optional((value) => value.text(LONGEST_TEXT)),
    reissue: root.member("reissue").optional((value) => matching(value, 64, DIGEST, "a digest")),
    replaces: root
      .member("replaces")
      .optional((value) => matching(value, LONGEST_TEXT, WORD, "an identifier")),
    publicKey: matching(root.member("publicKey"), 64, DIGEST, "a digest"),
    reusesKey: root.member("reusesKey").boolean(),
    order: root.member("order").optional(httpUrl),
    leaf: root.member("leaf").optional(leaf),
  };
}

function account(root: Member): AccountEntry {
  return {
    kind: "account",
    ...common(root),
    externalAccount: root.member("externalAccount").optional((value) => value.text(LONGEST_TEXT)),
  };
}

function common(root: Member): Common {
  return {
    id: matching(root.member("id"), 16, ID, "16 hexadecimal digits"),
    revision: root.member("revision").integer(0, MOST_REVISIONS),
    stack: root.member("stack").text(LONGEST_TEXT),
    state: root.member("state").optional((value) => matching(value, 16, ID, "16 hexadecimal digits")),
    isStateSaved: root.member("isStateSaved").boolean(),
    place: matching(root.member("place"), 16, ID, "16 hexadecimal digits"),
    workspace: matching(root.member("workspace"), 16, ID, "16 hexadecimal digits"),
    begunAt: time(root.member("begunAt")),
    directory: httpUrl(root.member("directory")),
    account: matching(root.member("account"), 64, WORD, "a thumbprint"),
    key: matching(root.member("key"), LONGEST_KEY, KEY, "a private key"),
  };
}

function leaf(member: Member): JournalLeaf {
  member.entries(3, () => null);
  return {
    fingerprint: matching(member.member("fingerprint"), 64, DIGEST, "a digest"),
    notBefore: time(member.member("notBefore")),
    notAfter: time(member.member("notAfter")),
  };
}

const ID = /^[0-9a-f]{16}$/;
const DIGEST = /^[0-9a-f]{64}$/;
const WORD = /^[\w.:-]+$/;
const NAME = /^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*$/;
const KEY =
  /^-----BEGIN (ENCRYPTED )?PRIVATE KEY-----\n[A-Za-z0-9+/=\n]+\n-----END (ENCRYPTED )?PRIVATE KEY-----\n$/;

function matching(member: Member, most: number, pattern: RegExp, what: string): string {
  const text = member.text(most);
  if (!pattern.test(text)) throw member.error(`is not ${what}`);
  return text;
}

function time(member: Member): string {
  const text = member.text(20);
  if (!isRfc3339(text)) throw member.error("is not a time");
  return text;
}

function httpUrl(member: Member): string {
  const text = member.text(LONGEST_URL);
  const isUrl = URL.canParse(text) && ["https:", "http:"].includes(new URL(text).protocol);
  if (!isUrl) throw member.error("is not a URL");
  return text;
}
