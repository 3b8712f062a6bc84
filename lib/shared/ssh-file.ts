import { sshErrors } from "./errors";

/**
 * Checks the path of a file that is passed to ssh, which cannot take some characters literally.
 *
 * @param what the setting that contains the path, for messages
 * @throws MailSniError `SSH_FILE_INVALID`
 */
export function checkSshFile(what: string, path: string): string {
  if (path === "") throw sshErrors.file(what, path, "is empty");
  if (path.includes("${")) throw sshErrors.file(what, path, "has ${ in it, where ssh expects a variable");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is refused
  const found = /["\\\0-\x1f\x7f]/.exec(path);
  if (found) throw sshErrors.file(what, path, `has ${JSON.stringify(found[0])} in it`);
  return path;
}
