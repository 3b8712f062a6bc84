import { serviceErrors } from "../errors";

/**
 * The names of the certificate setting: `ssl_cert` on 2.3; `cert_file` in a block `ssl_server`, or
 * `ssl_server_cert_file`, on 2.4.
 */
const CERTIFICATE = /^(ssl_cert|ssl_server_cert_file|ssl_server\/cert_file)$/;

/** A setting in the output of `doveconf -n`. */
export interface DoveconfSetting {
  /** The setting's name, prefixed with `ssl_server/` if it is in that block. */
  readonly name: string;
  readonly value: string;
  /** The enclosing blocks, outermost first: the text before each `{`. The same array for all settings of a block. */
  readonly blocks: readonly string[];
  readonly line: number;
}

/** Whether the setting names a certificate. */
export function isCertificate({ name }: DoveconfSetting): boolean {
  return CERTIFICATE.test(name);
}

/** The file that a setting names. On 2.3 the value of `ssl_cert` is the file's contents, which `<` stands for. */
export function fileIn(value: string): string {
  return value.replace(/^<\s*/, "");
}

/** Far more than Dovecot's blocks nest. Each block has the names of all around it. */
const MOST_DEPTH = 100;

/**
 * Parses the output of `doveconf -n`.
 *
 * @param file the file's name, for messages
 * @throws MailSniError `DOVECONF_INVALID`
 */
export function doveconfSettings(text: string, file: string): DoveconfSetting[] {
  if (!/^# 2\.\d/.test(text)) throw serviceErrors.doveconfInvalid(file);
  const settings: DoveconfSetting[] = [];
  const open: (readonly string[])[] = [[]];
  for (const [index, content] of text.split(/\r?\n/).entries()) {
    const setting = /^\s*(\w+) =(.*)$/.exec(content);
    const block = /^\s*(\S.*?) \{$/.exec(content);
    if (setting !== null) {
      const [, name, value] = setting as unknown as [string, string, string];
      const blocks = open.at(-1) as readonly string[];
      const isInner = blocks.at(-1) === "ssl_server";
      settings.push({
        name: isInner ? `ssl_server/${name}` : name,
        value: value.trim(),
        blocks: isInner ? (open.at(-2) as readonly string[]) : blocks,
        line: index + 1,
      });
    } else if (block !== null) open.push([...(open.at(-1) as readonly string[]), block[1] as string]);
    else if (/^\s*\}$/.test(content)) open.pop();
    if (open.length === 0 || open.length > MOST_DEPTH) throw serviceErrors.doveconfInvalid(file);
  }
  if (open.length > 1) throw serviceErrors.doveconfInvalid(file);
  return settings;
}
