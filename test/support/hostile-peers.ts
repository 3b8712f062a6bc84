/*
 * What peers say that mean no good, or are not what they are taken for, in one place, so that every suite draws on the same
 * list. What a lying CA says is in `lies.ts`.
 */

/** Has the other side believe that a session's shell has begun. */
const READY = "printf '\\n\\036ready\\n'; ";

/** What the shell of a host does in place of answering, by its name: programs of a POSIX shell that never end by themselves. */
export const HOSTILE_SHELLS = {
  "a flood before it begins": "yes login",
  "a flood without an end of line before it begins": "tr '\\0' x </dev/zero",
  "a flood behind `ready`": `${READY} yes`,
  "a flood behind `ready`, without an end of line,": `${READY} tr '\\0' x </dev/zero`,
  "a flood of answers to what it was not asked": `${READY} yes "$(printf '\\n\\036%s' 0)"`,
  "a flood of answers to what it was not asked, before it begins": `yes "$(printf '\\n\\036%s' 0)"`,
  "a flood of answers without an end": `${READY} yes "$(printf '\\n\\036%s' 00000)"`,
  "a flood of errors": "yes >&2",
  "a flood of errors without an end of line": "tr '\\0' x </dev/zero >&2",
  "a flood of errors behind `ready`": `${READY} yes >&2`,
  "a flood of large answers": `${READY} while :; do head -c 40000000 /dev/zero | tr '\\0' x; printf '\\n\\0360\\n'; done`,
} as const satisfies Record<string, string>;

/** Why a session with one of them is ended. */
export const CUT_OFF =
  /it (sent more than [\d,]+ characters|answered what it was not asked).*, and was cut off/;

/** A whole line of a ledger. */
export function ledgerLine(...fields: readonly string[]): string {
  return `${fields.join("\t")}\t.`;
}

/** Lines that no ledger has: their kind, the line, and what of it a message has to say. */
export const HOSTILE_LEDGER_LINES: readonly (readonly [kind: string, line: string, reason: string])[] = [
  ["claim", ledgerLine("claim", "stack", "token", "relative"), "it is not absolute"],
  ["claim", ledgerLine("claim", "stack", "token", "."), "it is not absolute"],
  ["claim", ledgerLine("claim", "stack", "token", ""), "it is not absolute"],
  ["claim", ledgerLine("claim", "stack", "token", "/a/../b"), "not in its simplest form"],
  ["claim", ledgerLine("claim", "stack", "token", `/${"x/".repeat(3000)}x`), "longer than 4,000 bytes"],
  ["claim", ledgerLine("claim", "stack", "token", "/a\x1b[2J"), "control character"],
  ["claim", ledgerLine("claim", "", "token", "/a"), "it is empty"],
  ["claim", ledgerLine("claim", "s".repeat(300), "token", "/a"), "longer than 255"],
  ["claim", ledgerLine("claim", "stack", "/a"), "has 3 fields, and 2 are there"],
  ["claim", ledgerLine("claim"), "has 3 fields, and 0 are there"],
  ["claim", ledgerLine("claim", "stack", "token", "/a", "/b"), "has 3 fields, and 4 are there"],
  ["release", ledgerLine("release", "token"), "has 2 fields, and 1 are there"],
  ["stage", ledgerLine("stage"), "has 1 fields, and 0 are there"],
  ["stage", ledgerLine("stage", ".."), "it is not absolute"],
  ["placeholder", ledgerLine("placeholder", "x"), "has 2 fields"],
  ["owe", ledgerLine("owe", "qmail", "activation"), "has 3 fields, and 2 are there"],
  ["paid", ledgerLine("paid", ""), "it is empty"],
  ["closed", ledgerLine("closed", "x"), "has 0 fields, and 1 are there"],
  ["begun", ledgerLine("begun", "0123456789abcdef", "stack", "yesterday", "root@a"), "not a time"],
  ["kept", ledgerLine("kept", "x", "stack", "2026-01-31T12:00:00Z", "root@a"), "not 16 hexadecimal digits"],
  [
    "kept",
    ledgerLine("kept", "0123456789abcdef", "stack", "2026-01-31T12:00:00Z", "\x1b[2J"),
    "control character",
  ],
  ["lost", ledgerLine("lost"), "has 1 fields, and 0 are there"],
  ["member", ledgerLine("member", "0123456789abcdef"), "has 2 fields, and 1 are there"],
  ["constructor", ledgerLine("constructor\0"), "is not a word that a line can begin with"],
  ["zeros", ledgerLine("\0\0\0\0/a"), "is not a word that a line can begin with"],
  ["heading", ledgerLine("mail-sni-ledger", "2"), "version 2"],
  ["heading", ledgerLine("mail-sni-ledger"), "version"],
];

/** The protocols in which a server speaks before TLS begins. */
type ClearProtocol = "smtp" | "imap" | "pop3" | "sieve";

/** Answers that a mail server gives for ever, before TLS. */
export const ENDLESS_ANSWERS: readonly (readonly [protocol: ClearProtocol, line: string])[] = [
  ["smtp", "220-more\r\n"],
  ["imap", "* more\r\n"],
  ["sieve", '"MORE" "more"\r\n'],
  ["sieve", "{4}\r\nmore{4}\r\nmore"],
];

/** Greetings by which a mail server, or what is there in its place, refuses to go on. */
export const REFUSING_GREETINGS: readonly (readonly [protocol: ClearProtocol, greeting: string])[] = [
  ["smtp", "421 too busy"],
  ["smtp", "SSH-2.0-OpenSSH"],
  ["imap", "* BYE overloaded"],
  ["pop3", "-ERR go away"],
  ["sieve", 'BYE "overloaded"'],
];
