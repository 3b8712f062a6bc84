import { BlockPlace } from "./local-name-block";
import type { BlockRules } from "./local-name-blocks";
import { BlockWinner, IncludePosition } from "./mail-service";

/** What differs between versions of Dovecot: syntax, and which of several matching blocks wins. */
export interface DovecotDialect {
  readonly version: string;
  /** How this version is declared, for messages. */
  readonly declaration: string;
  /** In `conf.d`, where the place of an included file is that of its name in the alphabet. */
  readonly mainFile: string;
  readonly position: IncludePosition;
  readonly head?: string;
  /** Names that it answers with alert 112 (`unrecognized_name`), whatever the blocks; undefined where it answers all. */
  readonly refusedNames?: RegExp;
  readonly blocks: BlockRules;
  /** The block of one of a certificate's exact names: the names that stand behind `local_name` there. */
  blockOf(name: string, names: readonly string[]): readonly string[];
  /** The file that includes all snippets. */
  main(glob: string): string;
  /** What presents `pem` for `names`. */
  snippet(certificate: string, names: readonly string[], pem: string): string;
  /** What presents `pem` to all other clients. */
  default(pem: string): string;
  /** Arguments of `doveconf` that ask for what a client is served that sends `name`. */
  filter(name: string): string[];
  /** A command that prints the certificate file in the configuration that `doveconf` shows with `filter`. */
  certificateFile(doveconf: readonly string[], filter: readonly string[]): string[];
}

/**
 * The first of several blocks that match wins, so that snippets are included before anything else; but blocks whose
 * names are the same string are merged, the later settings winning, so that the first name is written again at the end:
 * nobody else's block has that string. Each block takes 131 KB of the configuration process, so there is one a
 * certificate.
 */
export const DOVECOT_23: DovecotDialect = {
  version: "2.3",
  declaration: "Dovecot.v23()",
  mainFile: "05-mail-sni.conf",
  position: IncludePosition.FIRST,
  blocks: { winner: BlockWinner.FIRST, severalNames: true, place: BlockPlace.AFTER },
  blockOf: (_, names) => again(names),
  main: (glob) => mainText(glob, "0", ""),
  snippet(certificate, names, pem) {
    const block = again(names).join(" ");
    return `${comment(`Certificate of ${certificate}.`)}local_name "${block}" {\n${indented(settings23(pem))}}\n`;
  },
  default: (pem) => defaultComment() + settings23(pem),
  filter: (name) => ["-f", "service=imap", "-f", `lname=${name}`],
  certificateFile: (doveconf, filter) => [...doveconf, ...filter, "-h", "ssl_cert"],
};

/** The last of several blocks that match wins, so that snippets are included after everything else. */
export const DOVECOT_24: DovecotDialect = {
  version: "2.4",
  declaration: "Dovecot.v24()",
  mainFile: "99-mail-sni.conf",
  position: IncludePosition.LAST,
  head: "^dovecot_(config|storage)_version",
  // Measured with 2.4.1 and 2.4.5: an empty label is accepted in front and at the end.
  refusedNames: /[^\w.:-]|\.\./,
  blocks: { winner: BlockWinner.LAST, severalNames: false, place: BlockPlace.BEFORE },
  blockOf: (name) => [name],
  main: (glob) => mainText(glob, "unlimited", NO_SECOND_PAIR_24),
  snippet(certificate, names, pem) {
    const blocks = names.map((name) => `local_name ${name} {\n${indented(settings24(pem))}}\n`);
    return comment(`Certificate of ${certificate}.`) + blocks.join("");
  },
  default: (pem) => defaultComment() + settings24(pem),
  filter: (name) => ["-f", `local_name=${name}`],
  // -h, which would print the value alone, is refused for this setting.
  certificateFile: (doveconf, filter) => [
    "sh",
    "-c",
    'block=$("$@") || exit; printf "%s\\n" "$block" | sed -n "s/^ *cert_file = //p"',
    "sh",
    ...doveconf,
    ...filter,
    "ssl_server/cert_file",
  ],
};

/** Below a top-level domain that nobody can ever register (RFC 6761 §6.4). */
const MARKER_NAME = "mail-sni.invalid";

/** The line of `doveconf -n` by which it is seen that Dovecot reads the main file. */
export const MARKER_PATTERN = `^local_name ${MARKER_NAME.replaceAll(".", "\\.")} \\{$`;

function again(names: readonly string[]): string[] {
  return [...names, ...names.slice(0, 1)];
}

/** @param settings global ones, which hold for all blocks that do not say otherwise */
function mainText(glob: string, vszLimit: string, settings: string): string {
  return `${comment(
    "Presents the certificates of mail domains by the name that a client asks for (SNI).",
    "One block of names takes up to 131 KB of the configuration process, and a reload twice that.",
  )}service config {
  vsz_limit = ${vszLimit}
}
${settings}# This block shows that Dovecot reads this file. No client asks for its name, and the setting is the default.
local_name ${MARKER_NAME} {
  mail_sort_max_read_count = 0
}
!include_try ${glob}
`;
}

function defaultComment(): string {
  return comment("Certificate of clients that ask for no name, or for an unknown one.");
}

/**
 * One file holds key and certificates, so that a renewal is one rename. A second pair, of another algorithm, that is set
 * globally would be presented under these names too, to all clients that prefer its algorithm: there is none.
 */
function settings23(pem: string): string {
  return `ssl_cert = <${pem}\nssl_key = <${pem}\nssl_alt_cert =\nssl_alt_key =\n`;
}

/** Said once, since it would have to be said for each name. */
const NO_SECOND_PAIR_24 = "ssl_server_alt_cert_file =\nssl_server_alt_key_file =\n";

function settings24(pem: string): string {
  return `ssl_server_cert_file = ${pem}\nssl_server_key_file = ${pem}\n`;
}

function comment(...lines: string[]): string {
  return [...lines, "Written by mail-sni, which undoes changes made here."]
    .map((line) => `# ${line}\n`)
    .join("");
}

function indented(lines: string): string {
  return lines.replace(/^/gm, "  ").trimEnd().concat("\n");
}
