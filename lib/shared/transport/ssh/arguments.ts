import { parseProxyJump, parseSshDestination, type SshDestination } from "../../ssh-destination";
import { shellQuote } from "../session";
import type { SshSettings } from "../ssh-settings";
import { isAtLeast, type SshVersion } from "./version";

/** What of a connection is in a directory of this process alone. */
export interface ConnectionFiles {
  /** Where the connection is shared. */
  readonly socket: string;
  /** The keys that the settings hold, where they hold any. */
  readonly knownHosts: string | null;
}

/** Options that older versions of ssh do not have, and end at: the first version that has them. */
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
      // Hosts on the way may want another one of the agent's.
      ...(settings.identityFile !== null && { IdentitiesOnly: "yes" }),
      ControlMaster: "yes",
      ControlPersist: "no",
      // A user's configuration may ask for what belongs to sessions of a person.
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
 * Arguments of an ssh that has the key of a host written to a file, in the form of `/etc/ssh/ssh_host_*_key.pub`, and logs in
 * nowhere: the key is as unknown to it as before. Versions before 8.5 know no way, and write nothing.
 *
 * @param version of that ssh, null where it is not known
 */
export function keyArguments(
  settings: SshSettings,
  files: ConnectionFiles,
  keyFile: string,
  version: SshVersion | null,
): string[] {
  return [
    // In front of all others: of an option that is given twice ssh takes the first.
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
 * What ssh asks for known keys: it says none. Type and key are arguments of the script, which ssh has decoded. It is asked once
 * before there is a key, with the type `NONE` (ssh_config(5), TOKENS).
 */
function keyCommand(keyFile: string): string {
  const script = 'test "$1" = NONE || echo "$1 $2" >"$3"';
  const escaped = script.replaceAll(/[\\"]/g, "\\$&");
  return `/bin/sh -c "${escaped}" sh %t %K ${quoted(keyFile)}`;
}

/** Arguments of an ssh that runs a command through the connection, and fails where there is none any more. */
export function sessionArguments({ socket }: ConnectionFiles, command: readonly string[]): string[] {
  return [...sharing(socket), "-T", "--", "host", command.map(shellQuote).join(" ")];
}

/** Arguments of an ssh whose standard input and output are a TCP connection that the host makes. */
export function forwardArguments({ socket }: ConnectionFiles, address: string, port: number): string[] {
  const target = address.includes(":") ? `[${address}]` : address;
  return [...sharing(socket), "-W", `${target}:${port}`, "--", "host"];
}

/** Arguments of an ssh that only looks whether there is a connection to share. */
export function checkArguments({ socket }: ConnectionFiles): string[] {
  return [...sharing(socket), "-O", "check", "--", "host"];
}

export function jumps({ proxyJump }: SshSettings): SshDestination[] {
  return proxyJump === null ? [] : parseProxyJump(proxyJump);
}

/** Without a connection to share, ssh would make one of its own: of its own accord, and asked by nobody. */
function sharing(socket: string): string[] {
  return ["-F", "none", "-S", socket, ...options({ ControlMaster: "no", ProxyCommand: "false" })];
}

/** What holds for the host as well as for those on the way to it. */
function connectionOptions(
  { configFile, identityFile, knownHostsFile }: SshSettings,
  { knownHosts }: ConnectionFiles,
  version: SshVersion | null,
): string[] {
  const trusted = [knownHosts, knownHostsFile].filter((file) => file !== null);
  return [
    ...(configFile === null ? [] : ["-F", configFile]),
    // Only here: the first value of it holds, and a user's configuration may need one of its own.
    ...(version === null ? options({ IgnoreUnknown: Object.keys(SINCE).join(",") }) : []),
    ...optionsFor(version, {
      BatchMode: "yes",
      StrictHostKeyChecking: "yes",
      NoHostAuthenticationForLocalhost: "no",
      UpdateHostKeys: "no",
      // Not by `-i`, which looks for the file before it replaces what follows a percent sign.
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
      // At this level ssh says which key it has seen.
      LogLevel: "DEBUG1",
    }),
  ];
}

/**
 * The hosts on the way, as commands rather than by `-J`: that one would ask them with options of its own, and so without
 * what is said here of keys.
 */
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
    // A connection that the user has to that host already will do; none is left behind.
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

/** Without those that the version does not have; what they would switch off is not there then, either. */
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

/** A file as an option's argument, which may hold blanks. */
function quoted(file: string): string {
  return `"${literal(file)}"`;
}

/** ssh replaces what follows a percent sign (ssh_config(5), TOKENS). */
function literal(text: string): string {
  return text.replaceAll("%", "%%");
}
