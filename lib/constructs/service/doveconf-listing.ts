import { errorOf, serviceErrors } from "../../shared/errors";
import { BlockPlace, type LocalNameBlock } from "./local-name-block";

/**
 * The blocks in what `doveconf -n` prints that present a certificate by name and are not ours, in the order in which
 * Dovecot reads them; on which side of ours, where ours are there too.
 *
 * @param file for messages
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

/** `ssl_cert` on 2.3, `cert_file` in a block `ssl_server` on 2.4, and how that one is also written. */
const CERTIFICATE = /^(ssl_cert|ssl_server_cert_file|ssl_server\/cert_file)$/;

interface Setting {
  /** With the block `ssl_server` in front, where it is in one. */
  readonly name: string;
  readonly value: string;
  /** What it is in, outermost first: what stands before each `{`. */
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

/** None for the global certificate. */
function presentedBlock({ value, blocks, line }: Setting, file: string): PresentedBlock[] {
  const [block] = blocks;
  if (block === undefined) return [];
  const [, names] = /^local_name (.+)$/.exec(block) ?? [];
  if (names === undefined || blocks.length > 1) {
    throw errorOf(`${file}:${line}`, serviceErrors.doveconfConditional(blocks));
  }
  // On 2.3 the value is the file's contents, which is what the sign stands for.
  return [{ names: names.trim().split(/\s+/), certificate: value.replace(/^<\s*/, ""), line }];
}

/** Ours have exact names only. A wildcard with a PEM of ours is an administrator's addition. */
function isOurs({ names, certificate }: PresentedBlock): boolean {
  return /\/mail-sni\/[^/]+\.pem$/.test(certificate) && !names.some((name) => /[*?]/.test(name));
}
