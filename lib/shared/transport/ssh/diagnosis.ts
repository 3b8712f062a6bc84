import { lastLines } from "../session";
import type { SshSettings } from "../ssh-settings";
import { inSeconds } from "../timeouts";
import { HostUnreachable } from "../unreachable";
import type { SshLog } from "./log";

/** The output of an ssh that failed. */
interface Failure {
  readonly settings: SshSettings;
  /** Its messages, without debug output. */
  readonly words: string;
  readonly serverKey: string;
  /** The host's unknown key, `ssh-ed25519 AAAA…`; null if it could not be read. */
  readonly publicKey: string | null;
}

interface Remedy {
  /** Matches ssh's message. */
  readonly sign: RegExp;
  readonly isImpostor?: true;
  readonly say: (failure: Failure, found: RegExpExecArray) => string;
}

const UNKNOWN_KEY = /No (?:\S+ )*host key is known for (\S+) and you have requested strict checking/;

/** Whether the connection failed because the host's key is not known. */
export function isOfUnknownKey({ words }: Pick<SshLog, "words">): boolean {
  return UNKNOWN_KEY.test(words.join("\n"));
}

/**
 * Why the connection failed, from what ssh printed.
 *
 * @param publicKey the host's key, if it is not known
 */
export function connectionProblem(
  settings: SshSettings,
  log: Pick<SshLog, "words" | "serverKey">,
  publicKey: string | null = null,
): HostUnreachable {
  const words = log.words.join("\n");
  const serverKey = log.serverKey ?? "a key that ssh does not name";
  const failure = { settings, words, serverKey, publicKey };
  for (const { sign, isImpostor, say } of REMEDIES) {
    const found = sign.exec(words);
    if (found) return new HostUnreachable(`At ${settings.address}: ${say(failure, found)}`, isImpostor);
  }
  return new HostUnreachable(`At ${settings.address}: ssh has ended: ${lastLines(words)}`);
}

/** The message about a login that timed out. */
export function connectionTimeout(
  settings: SshSettings,
  log: Pick<SshLog, "words">,
  loginMs: number,
): HostUnreachable {
  const said = log.words.length > 0 ? ` So far it has said: ${lastLines(log.words.join("\n"))}` : "";
  return new HostUnreachable(
    `At ${settings.address}: ssh was not logged in within ${inSeconds(loginMs)} s. Is the host overloaded, or does something on the ` +
      `way drop packets? A security key waits for a touch.${said}`,
  );
}

/**
 * Why a shell did not run or has ended, from what ssh and the host printed; their own words if no remedy is
 * known.
 */
export function shellProblem(settings: SshSettings, words: string): string {
  for (const { sign, say } of SHELL_REMEDIES) {
    const found = sign.exec(words);
    if (found)
      return `At ${settings.address}: ${say({ settings, words, serverKey: "", publicKey: null }, found)}`;
  }
  return `At ${settings.address}: ${lastLines(words)}`;
}

/** The remedies, most specific first: the first that matches is used. */
const REMEDIES: readonly Remedy[] = [
  {
    sign: /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    isImpostor: true,
    say: ({ serverKey, words, settings }) =>
      `its host key has changed: it shows ${serverKey}, which is not the key that is known ` +
      `(${whereKeyIs(settings, words)}). Nothing was sent to it. If you know that ` +
      `the host was reinstalled, compare the fingerprint with \`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\` on its ` +
      `console, and then put the new key ${whereKeysAre(settings)}. If you do not, the connection may be intercepted`,
  },
  {
    sign: /REVOKED HOST KEY DETECTED/,
    isImpostor: true,
    say: ({ serverKey }) =>
      `its host key is marked as revoked: it shows ${serverKey}. Nothing was sent to it. Give the host a new key`,
  },
  {
    sign: UNKNOWN_KEY,
    say: ({ serverKey, settings, publicKey }, [, host]) =>
      `its host key is not known: it shows ${serverKey}. Nothing was sent to it. Compare the fingerprint with ` +
      `\`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\` on the host's console; if it is the same, put the key of ` +
      `${host} ${whereKeysAre(settings)}` +
      (publicKey === null
        ? ""
        : `: ${asWritten(settings, String(host), publicKey)}. Never without that comparison: ` +
          "an attacker on the path would show a key too"),
  },
  {
    sign: /Host key verification failed/,
    say: ({ serverKey, words }) =>
      `its host key was not accepted: it shows ${serverKey}. Nothing was sent to it. ssh says: ${lastLines(words)}`,
  },
  {
    sign: /Permissions \d{1,6} for '([^'\n]*)' are too open/,
    say: (_, [, file]) =>
      `ssh does not use the private key ${file}, because others can read it. Run \`chmod 600\` on it`,
  },
  {
    sign: /^(?=[\s\S]*Permission denied)[\s\S]*?no such identity: (.*): ([^:\n]*)\n/,
    say: (_, [, file, reason]) =>
      `login failed: the identityFile ${file} cannot be read: ${reason}. Correct its path, or leave it ` +
      "out to use what the agent and your configuration have",
  },
  {
    sign: /Too many authentication failures/,
    say: () =>
      "it has closed the connection after too many keys. Give the right one as identityFile, so that the agent's others " +
      "are not tried",
  },
  {
    sign: /^(\S*): Permission denied \((.*)\)/m,
    say: (_, [, login, methods]) =>
      `it does not let ${login} in (it takes: ${methods}). Is the user right, is the public key in that user's ` +
      "authorized_keys, and is the private one in the agent, or given as identityFile? The provider never asks for passwords",
  },
  {
    sign: /Could not resolve hostname (.*): (.*)/,
    say: (_, [, name, reason = ""]) =>
      `${name} has no address (${reason.trim()}). Correct the address, or the name in DNS or in your ssh configuration`,
  },
  {
    sign: /connect to host (\S+) port (\d+): Connection refused/,
    say: (_, [, host, port]) =>
      `nothing listens on port ${port} of ${host}. Is sshd running, and the port right?`,
  },
  {
    sign: /connect to host (\S+) port (\d+): (.*)/,
    say: (_, [, host, port, reason = ""]) =>
      `port ${port} of ${host} cannot be reached (${reason.trim()}). Is the host up, and does every firewall on the way ` +
      "let this machine through?",
  },
  {
    sign: /(?:timed out|Timeout, server \S* not responding)/i,
    say: ({ words }) =>
      `it has not answered in time (${lastLines(words)}). Is the host up, and does every firewall on the way let this ` +
      "machine through?",
  },
  {
    sign: /(?:Bad configuration option|terminating, \d+ bad configuration|Can't open user config file|Bad owner or permissions on)/,
    say: ({ words }) => `ssh cannot read its configuration: ${lastLines(words)}. Correct that file`,
  },
  {
    sign: /Unable to negotiate with .*?: (.*)/,
    say: (_, [, reason = ""]) =>
      `ssh and the host have no algorithm in common: ${reason.trim()}. Upgrade the older one, or allow the algorithm for ` +
      "this host in your ssh configuration",
  },
  {
    sign: /Connection (?:closed|reset) by|kex_exchange_identification/,
    say: ({ words }) =>
      `it has closed the connection before login (${lastLines(words)}). See the log of its sshd: too many ` +
      "connections at once (MaxStartups), or a rule that blocks this machine",
  },
];

const SHELL_REMEDIES: readonly Remedy[] = [
  {
    sign: /must have a tty/,
    say: ({ settings }) =>
      `\`${shown(settings)}\` requires a terminal, and the provider has none. Remove \`requiretty\` from sudoers for this user, or log ` +
      "in as root",
  },
  {
    sign: /a password is required|a terminal is required|Authentication (?:failed|required)/i,
    say: ({ settings }) =>
      `\`${shown(settings)}\` asks for a password, which the provider cannot give. Allow the user to run \`timeout\` without one, ` +
      "such as by `USER ALL=(root) NOPASSWD: /usr/bin/timeout` in sudoers, or log in as root",
  },
  {
    sign: /is not in the sudoers file|is not allowed to (?:execute|run)|Operation not permitted/,
    say: ({ settings, words }) =>
      `\`${shown(settings)}\` is not allowed to this user (${lastLines(words)}). Allow it in sudoers, or log in as root`,
  },
  {
    sign: /env: (?:can't execute )?['‘]?([^\s'’:]+)['’]?: (?:No such file|not found|Permission denied)/,
    say: (_, [, command]) =>
      `\`${command}\` was not found. Install it there (\`timeout\` is one of coreutils), or correct \`become\``,
  },
  {
    sign: /Session open refused by peer/,
    say: () =>
      "its sshd allows no more sessions. Set MaxSessions in its sshd_config to 4 or more (the default is 10)",
  },
  {
    sign: /This account is (?:currently )?not available|nologin/,
    say: () => "the user has no shell there. Log in as another user, or give this one /bin/sh",
  },
  {
    sign: /^the shell has not begun within \d+ s/m,
    say: ({ settings }, [words]) =>
      `the user is logged in, and ${words}. Something before it does not end: a file that the user's login shell reads, a ` +
      `ForceCommand in sshd_config${settings.become ? `, or \`${shown(settings)}\`` : ""}. Log in as that user to see it`,
  },
  {
    sign: /^the shell ended \(exit status \d+\)$(?<!255\))/,
    say: (_, [words]) => `${words} before it began, without a message. Does the user have a shell there?`,
  },
  {
    sign: /Broken pipe|read header failed|UNKNOWN port 65535|Timeout, server \S* not responding|exit status 255/,
    say: () => "the connection was lost",
  },
];

function whereKeyIs({ hostKeys }: SshSettings, words: string): string {
  if (hostKeys !== null) return "in hostKeys";
  return /Offending \S+ key in (.*:\d+)/.exec(words)?.[1] ?? "in known_hosts";
}

function whereKeysAre({ hostKeys, knownHostsFile }: SshSettings): string {
  if (hostKeys !== null) return "into hostKeys";
  if (knownHostsFile !== null) return `into ${knownHostsFile}`;
  return "into known_hosts, or give it as hostKeys";
}

/** A key as written in the settings: only a line of a known_hosts file has to name the host. */
function asWritten({ hostKeys, knownHostsFile }: SshSettings, host: string, publicKey: string): string {
  return hostKeys === null && knownHostsFile !== null ? `${host} ${publicKey}` : `"${publicKey}"`;
}

function shown({ become }: SshSettings): string {
  return (become ?? []).join(" ") || "the command";
}
