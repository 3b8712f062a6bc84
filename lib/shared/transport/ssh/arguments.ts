import { parseProxyJump, parseSshDestination, type SshDestination } from "../../ssh-destination";
import { shellQuote } from "../shell-quote";
import type { SshSettings } from "../ssh-settings";
import { isAtLeast, type SshVersion } from "./version";

/** The files of a connection, in a directory that only this process uses. */
export interface ConnectionFiles {
  /** The socket through which the connection is shared. */
  readonly socket: string;
  /** The known_hosts file with the keys of the settings; null if they have none. */
  readonly knownHosts: string | null;
}

/** Options that older versions of ssh reject, with the first version that has them. */
const SINCE: Readonly<Record<string, SshVersion>> = {
  ForkAfterAuthentication: [8, 7],
  KnownHostsCommand: [8, 5],
  SessionType: [8, 7],
  StdinNull: [8, 7],
};

/**
 * Arguments of the ssh that makes the connection, and keeps it until its standard input ends.
 *
 * @param version of that ssh, null where it is not known
 */
export function masterArguments(
  settings: SshSettings,
  files: ConnectionFiles,
  version: SshVersion | null,
): string[] {
  return [
    ...connectionOptions(settings, files, version),
    ...proxyOptions(settings, files, jumps(settings), version),
    ...optionsFor(version, {
      // Jump hosts may require another key of the agent.
      ...(settings.identityFile !== null && { IdentitiesOnly: "yes" }),
      ControlMaster: "yes",
      ControlPersist: "no",
      // The user's configuration may request forwardings for interactive sessions.
      ClearAllForwardings: "yes",
      EscapeChar: "none",
      ForkAfterAuthentication: "no",
      ForwardAgent: "no",
      ForwardX11: "no",
      PermitLocalCommand: "no",
      RemoteCommand: "none",
      RequestTTY: "no",
      SessionType: "default",
      StdinNull: "no",
    }),
    "-S",
    files.socket,
    ...destination(parseSshDestination(settings.address)),
    "cat >/dev/null",
  ];
}

/**
 * Arguments of an ssh that writes a host's key to a file, in the form of `/etc/ssh/ssh_host_*_key.pub`,
 * without trusting it and without logging in. Versions before 8.5 cannot do that, and write nothing.
 *
 * @param version of that ssh, null if it is not known
 */
export function keyArguments(
  settings: SshSettings,
  files: ConnectionFiles,
  keyFile: string,
  version: SshVersion | null,
): string[] {
  return [
    // Before all others: if an option is given twice, ssh uses the first.
    ...optionsFor(version, { KnownHostsCommand: keyCommand(keyFile) }),
    ...connectionOptions(settings, files, version),
    ...proxyOptions(settings, files, jumps(settings), version),
    ...optionsFor(version, {
      PreferredAuthentications: "none",
      ControlMaster: "no",
      ControlPath: "none",
      ClearAllForwardings: "yes",
      ForkAfterAuthentication: "no",
      PermitLocalCommand: "no",
      RemoteCommand: "none",
      RequestTTY: "no",
    }),
    ...destination(parseSshDestination(settings.address)),
    "true",
  ];
}

/**
 * The command that ssh runs to get known keys; it prints none. Type and key are arguments of the script,
 * decoded by ssh. ssh calls it once before there is a key, with the type `NONE` (ssh_config(5), TOKENS).
 */
function keyCommand(keyFile: string): string {
  const script = 'test "$1" = NONE || echo "$1 $2" >"$3"';
  const escaped = script.replaceAll(/[\\"]/g, "\\$&");
  return `/bin/sh -c "${escaped}" sh %t %K ${quoted(keyFile)}`;
}

/** Arguments of an ssh that runs a command through the shared connection, and fails if there is none. */
export function sessionArguments({ socket }: ConnectionFiles, command: readonly string[]): string[] {
  return [...sharing(socket), "-T", "--", "host", command.map(shellQuote).join(" ")];
}

/**
 * Arguments of an ssh that has the shared connection listen on a socket of this machine, and the host continue each connection
 * there to a TCP address.
 */
export function forwardArguments(
  { socket }: ConnectionFiles,
  from: string,
  { address, port }: { readonly address: string; readonly port: number },
): string[] {
  const target = address.includes(":") ? `[${address}]` : address;
  return [...sharing(socket), "-O", "forward", "-L", `${from}:${target}:${port}`, "--", "host"];
}

/** Arguments of an ssh that only checks whether there is a connection to share. */
export function checkArguments({ socket }: ConnectionFiles): string[] {
  return [...sharing(socket), "-O", "check", "--", "host"];
}

export function jumps({ proxyJump }: SshSettings): SshDestination[] {
  return proxyJump === null ? [] : parseProxyJump(proxyJump);
}

/**
 * Options that only allow the shared connection. Otherwise ssh would open another one if there is none to
 * share.
 */
function sharing(socket: string): string[] {
  return ["-F", "none", "-S", socket, ...options({ ControlMaster: "no", ProxyCommand: "false" })];
}

/** Options for the host and for the jump hosts. */
function connectionOptions(
  { configFile, identityFile, knownHostsFile }: SshSettings,
  { knownHosts }: ConnectionFiles,
  version: SshVersion | null,
): string[] {
  const trusted = [knownHosts, knownHostsFile].filter((file) => file !== null);
  return [
    ...(configFile === null ? [] : ["-F", configFile]),
    // Only here: ssh uses the first value, and the user's configuration may need its own.
    ...(version === null ? options({ IgnoreUnknown: Object.keys(SINCE).join(",") }) : []),
    ...optionsFor(version, {
      BatchMode: "yes",
      StrictHostKeyChecking: "yes",
      NoHostAuthenticationForLocalhost: "no",
      UpdateHostKeys: "no",
      // Not `-i`: that checks that the file exists before it expands percent signs.
      ...(identityFile !== null && { IdentityFile: quoted(identityFile) }),
      ...(trusted.length > 0 && {
        UserKnownHostsFile: trusted.map(quoted).join(" "),
      }),
      ...(knownHosts !== null && {
        GlobalKnownHostsFile: "/dev/null",
        KnownHostsCommand: "none",
        VerifyHostKeyDNS: "no",
      }),
      ConnectTimeout: "10",
      ConnectionAttempts: "1",
      ServerAliveInterval: "10",
      ServerAliveCountMax: "3",
      TCPKeepAlive: "yes",
      // At this level ssh prints the key that it has seen.
      LogLevel: "DEBUG1",
    }),
  ];
}

/** The jump hosts as commands rather than `-J`, which would not pass on the options about keys. */
function proxyOptions(
  settings: SshSettings,
  files: ConnectionFiles,
  hops: readonly SshDestination[],
  version: SshVersion | null,
): string[] {
  const last = hops.at(-1);
  if (!last) return [];
  const words = [
    "ssh",
    ...connectionOptions(settings, files, version),
    ...proxyOptions(settings, files, hops.slice(0, -1), version),
    // An existing shared connection of the user to that host is used; none is left behind.
    ...options({ ControlMaster: "no", ControlPersist: "no" }),
  ].map((word) => shellQuote(literal(word)));
  const command = [
    ...words,
    "-W",
    "'[%h]:%p'",
    ...destination(last).map((word) => shellQuote(literal(word))),
  ];
  return options({ ProxyCommand: command.join(" ") });
}

function destination({ user, host, port }: SshDestination): string[] {
  return [
    "-T",
    ...(user === null ? [] : ["-l", user]),
    ...(port === null ? [] : ["-p", String(port)]),
    "--",
    host,
  ];
}

/** The options that this version has. Those it lacks would only switch off features that it lacks too. */
function optionsFor(version: SshVersion | null, values: Readonly<Record<string, string>>): string[] {
  const known = Object.entries(values).filter(([name]) => {
    const since = SINCE[name];
    return version === null || since === undefined || isAtLeast(version, since);
  });
  return options(Object.fromEntries(known));
}

function options(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
}

/** A file as an option's argument. It may contain blanks. */
function quoted(file: string): string {
  return `"${literal(file)}"`;
}

/** Escapes percent signs, which ssh expands (ssh_config(5), TOKENS). */
function literal(text: string): string {
  return text.replaceAll("%", "%%");
}
