import { isIPv6 } from "node:net";
import { sshErrors } from "./errors";
import { quote } from "./errors/wording";

/** The destination of an `ssh` connection. For what is null, the SSH configuration decides. */
export interface SshDestination {
  readonly user: string | null;
  /** A name, an IP address, or the name of a `Host` in the SSH configuration. IPv6 without brackets. */
  readonly host: string;
  readonly port: number | null;
}

/**
 * Allows nothing that ssh would read as an option, that a shell would expand, or that a user name cannot
 * contain.
 */
const USER = /^[a-z0-9_.](?:[a-z0-9_.@+-]|\\(?=[a-z0-9]))*$/i;
const HOST = /^[a-z0-9_][a-z0-9_.-]*$/i;
const ZONE = /%[a-z0-9_.-]+$/i;

/**
 * Parses `user@host:port`, with user and port optional. The last `@` ends the user.
 *
 * @throws MailSniError `SSH_ADDRESS_INVALID`
 */
export function parseSshDestination(given: string): SshDestination {
  const refuse = (fault: string) => sshErrors.address(given, fault);
  if (given === "") throw refuse("is empty");
  if (/^\w+:\/\//.test(given)) throw refuse("is a URL");
  const at = given.lastIndexOf("@");
  const user = at === -1 ? null : given.slice(0, at);
  if (user !== null && !USER.test(user)) throw refuse(`has ${quote(user)} for a user`);
  const rest = given.slice(at + 1);
  if (isIPv6(rest)) throw refuse("has an IPv6 address without brackets");
  const [, address, name, digits] = /^(?:\[([^[\]]*)\]|([^:[\]]*))(?::(.*))?$/s.exec(rest) ?? [];
  const host = address ?? name;
  if (host === undefined) throw refuse("has no host that could be told from a port");
  if (address !== undefined ? !isIPv6(address.replace(ZONE, "")) : !HOST.test(host)) {
    throw refuse(`has ${quote(host)} for a host`);
  }
  return { user, host, port: digits === undefined ? null : parsePort(digits, refuse) };
}

/**
 * Parses jump hosts in the syntax of ssh's `ProxyJump`: separated by commas, the nearest first.
 *
 * @throws MailSniError `SSH_ADDRESS_INVALID`
 */
export function parseProxyJump(given: string): SshDestination[] {
  return given.split(",").map((hop) => parseSshDestination(hop.trim()));
}

function parsePort(digits: string, refuse: (fault: string) => Error): number {
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : 0;
  if (port < 1 || port > 65_535) throw refuse(`has ${quote(digits)} for a port`);
  return port;
}
