import { errorOf, serviceErrors } from "../../shared/errors";
import { BlockPlace, type LocalNameBlock } from "./local-name-block";

/**
 * Parses the output of `doveconf -n`: the blocks that present a certificate by name and that this library did
 * not write, in the order in which Dovecot reads them. If the output contains blocks of this library, each
 * result tells whether it is before or after them.
 *
 * @param file the file's name, for messages
 * @throws MailSniError `DOVECONF_CONDITIONAL`, `DOVECONF_INVALID`, `DOVECONF_UNCLEAR`
 */
export function parseDoveconfListing(text: string, file: string): LocalNameBlock[] {
  if (!/^# 2\.\d/.test(text)) throw serviceErrors.doveconfInvalid(file);
  const blocks = settingsOf(text, file)
    .filter(({ name }) => CERTIFICATE.test(name))
    .flatMap((setting) => presentedBlock(setting, file));
  const first = blocks.findIndex(isOurs);
  const last = blocks.findLastIndex(isOurs);
  return blocks.flatMap((block, index) => {
    if (isOurs(block)) return [];
    const { names, certificate } = block;
    if (first < 0) return [{ names, certificate }];
    if (index > first && index < last)
      throw errorOf(`${file}:${block.line}`, serviceErrors.doveconfUnclear(names));
    return [{ names, certificate, place: index < first ? BlockPlace.BEFORE : BlockPlace.AFTER }];
  });
}

/**
 * The names of the certificate setting: `ssl_cert` on 2.3; `cert_file` in a block `ssl_server`, or
 * `ssl_server_cert_file`, on 2.4.
 */
const CERTIFICATE = /^(ssl_cert|ssl_server_cert_file|ssl_server\/cert_file)$/;

interface Setting {
  /** The setting's name, prefixed with `ssl_server/` if it is in that block. */
  readonly name: string;
  readonly value: string;
  /** The enclosing blocks, outermost first: the text before each `{`. */
  readonly blocks: readonly string[];
  readonly line: number;
}

interface PresentedBlock {
  readonly names: string[];
  readonly certificate: string;
  readonly line: number;
}

function settingsOf(text: string, file: string): Setting[] {
  const settings: Setting[] = [];
  const open: string[] = [];
  for (const [index, content] of text.split(/\r?\n/).entries()) {
    const setting = /^\s*(\w+) =(.*)$/.exec(content);
    const block = /^\s*(\S.*?) \{$/.exec(content);
    if (setting !== null) {
      const [, name, value] = setting as unknown as [string, string, string];
      const isInner = open.at(-1) === "ssl_server";
      settings.push({
        name: isInner ? `ssl_server/${name}` : name,
        value: value.trim(),
        blocks: isInner ? open.slice(0, -1) : [...open],
        line: index + 1,
      });
    } else if (block !== null) open.push(block[1] as string);
    else if (/^\s*\}$/.test(content) && open.pop() === undefined) throw serviceErrors.doveconfInvalid(file);
  }
  if (open.length > 0) throw serviceErrors.doveconfInvalid(file);
  return settings;
}

/** The block that presents a certificate; empty for the global certificate. */
function presentedBlock({ value, blocks, line }: Setting, file: string): PresentedBlock[] {
  const [block] = blocks;
  if (block === undefined) return [];
  const [, names] = /^local_name (.+)$/.exec(block) ?? [];
  if (names === undefined || blocks.length > 1) {
    throw errorOf(`${file}:${line}`, serviceErrors.doveconfConditional(blocks));
  }
  // On 2.3 the setting's value is the file's contents, which `<` stands for.
  return [{ names: names.trim().split(/\s+/), certificate: value.replace(/^<\s*/, ""), line }];
}

/**
 * Whether this library wrote the block. Its blocks have exact names only: a wildcard with one of its PEMs was
 * added by an administrator.
 */
function isOurs({ names, certificate }: PresentedBlock): boolean {
  return /\/mail-sni\/[^/]+\.pem$/.test(certificate) && !names.some((name) => /[*?]/.test(name));
}
