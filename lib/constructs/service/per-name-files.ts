import { posix } from "node:path";
import { ruleErrors } from "../../shared/errors";
import { type HostContent, HostFile, type HostFileOptions } from "./host-content";
import type { ServedCertificate } from "./served-certificate";

/**
 * The files of a server that looks for a PEM under the name that a client sends: the PEM under the
 * certificate's first name, and relative links to it under the other names. A link leads to a file, not to a
 * directory, so that a file and a link can replace each other atomically.
 *
 * @param pathOf the path at which the server looks for a name
 * @throws MailSniError `SNI004`
 */
export function perNameFiles(
  service: string,
  { name, names, pem }: ServedCertificate,
  pathOf: (name: string) => string,
  options: HostFileOptions,
): HostContent {
  const wildcard = names.find((candidate) => candidate.startsWith("*"));
  if (wildcard !== undefined) throw ruleErrors.wildcardNotServed(service, name, wildcard);
  const [target, ...aliases] = names.map(pathOf) as [string, ...string[]];
  const [alias = target] = aliases;
  // The link is the same for all names: the paths differ only in the name, at the same position.
  const link = posix.relative(posix.dirname(alias), target);
  return {
    files: { [target]: HostFile.pem(pem, options) },
    links: Object.fromEntries(aliases.map((path) => [path, link])),
  };
}
