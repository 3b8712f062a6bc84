import { sshErrors } from "./errors";

/**
 * The path of a file that ssh is told of. ssh has no way to take some characters literally.
 *
 * @param what for messages: the setting that it stands in
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
