import {
  type DoveconfSetting,
  doveconfSettings,
  fileIn,
  isCertificate,
} from "../../shared/dovecot/doveconf-settings";
import { BlockPlace, type LocalNameBlock } from "../../shared/dovecot/local-name-block";
import { errorOf, serviceErrors } from "../../shared/errors";

/**
 * Parses the output of `doveconf -n`: the blocks that present a certificate by name and that this library did
 * not write, in the order in which Dovecot reads them. If the output contains blocks of this library, each
 * result tells whether it is before or after them.
 *
 * @param file the file's name, for messages
 * @throws MailSniError `DOVECONF_CONDITIONAL`, `DOVECONF_INVALID`, `DOVECONF_UNCLEAR`
 */
export function parseDoveconfListing(text: string, file: string): LocalNameBlock[] {
  const settings = doveconfSettings(text, file);
  // Where the configuration has a fault, doveconf prints its first line and fails: that would be no blocks.
  if (settings.length === 0) throw serviceErrors.doveconfInvalid(file);
  const blocks = settings.filter(isCertificate).flatMap((setting) => presentedBlock(setting, file));
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

interface PresentedBlock {
  readonly names: string[];
  readonly certificate: string;
  readonly line: number;
}

/** The block that presents a certificate; empty for the global certificate. */
function presentedBlock({ value, blocks, line }: DoveconfSetting, file: string): PresentedBlock[] {
  const [block] = blocks;
  if (block === undefined) return [];
  const [, names] = /^local_name (.+)$/.exec(block) ?? [];
  if (names === undefined || blocks.length > 1) {
    throw errorOf(`${file}:${line}`, serviceErrors.doveconfConditional(blocks));
  }
  return [{ names: names.trim().split(/\s+/), certificate: fileIn(value), line }];
}

/**
 * Whether this library wrote the block. Its blocks have exact names only: a wildcard with one of its PEMs was
 * added by an administrator.
 */
function isOurs({ names, certificate }: PresentedBlock): boolean {
  return /\/mail-sni\/[^/]+\.pem$/.test(certificate) && !names.some((name) => /[*?]/.test(name));
}
