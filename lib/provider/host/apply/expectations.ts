import type { ExpectationOf } from "./confirmation";
import type { Part } from "./work";

/**
 * What to expect of the service of a part: its certificate for one of its names. Nothing of a part without a certificate, or
 * without a name to ask for.
 *
 * @param everyName whether the certificate is expected for each of its names
 */
export function expectationsOf(part: Part, everyName: boolean): ExpectationOf<Part>[] {
  const { role } = part.work.change;
  const { leaf } = part;
  if (leaf === undefined || role === "base") return [];
  const { fingerprintSha256: fingerprint, dnsNames } = leaf;
  const names = everyName
    ? [...part.work.change.names, ...optionalNames(part, dnsNames)]
    : part.work.change.names;
  const asked = role === "default" ? [undefined] : conclusive(names, part);
  return (everyName ? asked : asked.slice(0, 1)).map((serverName) => ({
    subject: part,
    serverName,
    fingerprint,
  }));
}

/**
 * The names for which a handshake is conclusive: those that no other configuration overrides. One that is overridden if there
 * is no other. None that another resource still has.
 */
function conclusive(names: readonly string[], { takenNames, moving }: Part): string[] {
  const exact = names.filter((each) => !each.includes("*") && !moving.some(({ name }) => name === each));
  const free = exact.filter((name) => !takenNames.has(name));
  return free.length > 0 ? free : exact.slice(0, 1);
}

/** Names that the part serves if its certificate has them: in its configuration, or in the path of a link. */
function optionalNames({ work, service, configurationFiles }: Part, dnsNames: readonly string[]): string[] {
  const words = configurationFiles.flatMap(({ contents }) => contents.split(/[\s"]+/));
  const links = work.change.links.filter((link) => link.service === service);
  const mentioned = new Set([...words, ...links.flatMap(({ path }) => path.split("/"))]);
  return dnsNames.filter((name) => mentioned.has(name) && !work.change.names.includes(name));
}
