import { BLOCK_RULES_23, BLOCK_RULES_24, type BlockRules } from "../../shared/dovecot/local-name-blocks";
import { IncludePosition } from "./mail-service";

/** The differences between versions of Dovecot: syntax, and which of several matching blocks wins. */
export interface DovecotDialect {
  readonly version: string;
  /** The call that declares this version, for messages. */
  readonly declaration: string;
  /** The main file's name in `conf.d`, whose files Dovecot includes in alphabetical order. */
  readonly mainFile: string;
  readonly position: IncludePosition;
  readonly head?: string;
  /**
   * Names that this version answers with alert 112 (`unrecognized_name`), regardless of the blocks; undefined
   * if it answers all names.
   */
  readonly refusedNames?: RegExp;
  readonly blocks: BlockRules;
  /** The names after `local_name` in the block for `name`, one of a certificate's exact names. */
  blockOf(name: string, names: readonly string[]): readonly string[];
  /** The contents of the file that includes all snippets. */
  main(glob: string): string;
  /** The configuration snippet that presents `pem` for `names`. */
  snippet(certificate: string, names: readonly string[], pem: string): string;
  /** The configuration that presents `pem` to clients with no SNI, or an unlisted name. */
  default(pem: string): string;
  /** The arguments of `doveconf` that select the settings for a client that sends `name`. */
  filter(name: string): string[];
  /** A command that prints the certificate file in the configuration that `doveconf` shows with `filter`. */
  certificateFile(doveconf: readonly string[], filter: readonly string[]): string[];
}

/**
 * Dovecot 2.3. The first of several matching blocks wins, so the snippets are included before everything
 * else.
 *
 * Blocks with the same string of names are merged, and the later settings win. To avoid that, the first name
 * is repeated at the end: no other block has that string. Each block takes 131 KB of the configuration
 * process, so a certificate gets one block.
 */
export const DOVECOT_23: DovecotDialect = {
  version: "2.3",
  declaration: "Dovecot.v23()",
  mainFile: "05-mail-sni.conf",
  position: IncludePosition.FIRST,
  blocks: BLOCK_RULES_23,
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

/**
 * Dovecot 2.4. The last of several matching blocks wins, so the snippets are included after everything else.
 */
export const DOVECOT_24: DovecotDialect = {
  version: "2.4",
  declaration: "Dovecot.v24()",
  mainFile: "99-mail-sni.conf",
  position: IncludePosition.LAST,
  head: "^dovecot_(config|storage)_version",
  // Measured with 2.4.1 and 2.4.5: an empty label is accepted at the beginning and at the end.
  refusedNames: /[^\w.:-]|\.\./,
  blocks: BLOCK_RULES_24,
  blockOf: (name) => [name],
  main: (glob) => mainText(glob, "unlimited", NO_SECOND_PAIR_24),
  snippet(certificate, names, pem) {
    const blocks = names.map((name) => `local_name ${name} {\n${indented(settings24(pem))}}\n`);
    return comment(`Certificate of ${certificate}.`) + blocks.join("");
  },
  default: (pem) => defaultComment() + settings24(pem),
  filter: (name) => ["-f", `local_name=${name}`],
  // doveconf refuses -h, which would print only the value, for this setting.
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

/** A name below a top-level domain that cannot be registered (RFC 6761 §6.4). */
const MARKER_NAME = "mail-sni.invalid";

/** The line of `doveconf -n` which shows that Dovecot reads the main file. */
export const MARKER_PATTERN = `^local_name ${MARKER_NAME.replaceAll(".", "\\.")} \\{$`;

function again(names: readonly string[]): string[] {
  return [...names, ...names.slice(0, 1)];
}

/**
 * The contents of the main file.
 *
 * @param settings global settings, which hold for all blocks that do not override them
 */
function mainText(glob: string, vszLimit: string, settings: string): string {
  return `${comment(
    "Presents each mail domain's certificate to clients that request one of its names (SNI).",
    "Each block takes up to 131 KB of the configuration process's memory, and twice that during a reload.",
  )}service config {
  vsz_limit = ${vszLimit}
}
${settings}# This block shows that Dovecot reads this file. No client requests its name, and its setting is the default one.
local_name ${MARKER_NAME} {
  mail_sort_max_read_count = 0
}
!include_try ${glob}
`;
}

function defaultComment(): string {
  return comment("The default certificate: for clients without SNI, or with an unlisted name.");
}

/**
 * The settings of 2.3 that present a PEM. One file holds key and certificates, so a renewal is one rename.
 *
 * A global second pair (`ssl_alt_cert`), of another algorithm, would also be presented for these names, to
 * all clients that prefer its algorithm. So the second pair is cleared.
 */
function settings23(pem: string): string {
  return `ssl_cert = <${pem}\nssl_key = <${pem}\nssl_alt_cert =\nssl_alt_key =\n`;
}

/**
 * The settings of 2.4 that clear a second pair. They are global, so that they are not repeated for each name.
 */
const NO_SECOND_PAIR_24 = "ssl_server_alt_cert_file =\nssl_server_alt_key_file =\n";

function settings24(pem: string): string {
  return `ssl_server_cert_file = ${pem}\nssl_server_key_file = ${pem}\n`;
}

function comment(...lines: string[]): string {
  return [...lines, "Managed by mail-sni: the next deploy overwrites changes."]
    .map((line) => `# ${line}\n`)
    .join("");
}

function indented(lines: string): string {
  return lines.replace(/^/gm, "  ").trimEnd().concat("\n");
}
