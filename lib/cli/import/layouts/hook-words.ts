import type { Hook } from "../../../shared/renewers/renewers";

/** Words in a hook which tell that it writes files of a mail server, or reloads one. */
export const HOOK_WORDS = [
  "servercert",
  "doveadm",
  "dovecot",
  "local_name",
  "ssl_cert",
  "ssl_server_cert_file",
  "postmap",
  "postfix",
  "qmail",
  "sni_maps",
];
/** Those which tell that it writes files that a deploy would own. */
const WRITING: readonly string[] = [
  "servercert",
  "local_name",
  "ssl_cert",
  "ssl_server_cert_file",
  "sni_maps",
  "postmap",
];

export function writesServerFiles({ words }: Pick<Hook, "words">): boolean {
  return words.some((word) => WRITING.includes(word));
}
