import type { Summary } from "../../summary";
import { truncated } from "../../text/truncated";
import { lastLines } from "../session";
import type { SshSettings } from "../ssh-settings";
import { inSeconds } from "../timeouts";
import type { Trouble } from "../trouble";
import { HostUnreachable } from "../unreachable";
import type { SshLog } from "./log";
import { CONNECTION, OTHER, SHELL } from "./problems";

/** The output of an ssh that failed. */
interface Failure {
  readonly settings: SshSettings;
  /** Its messages, without debug output. */
  readonly words: string;
  readonly serverKey: string;
  /** The host's unknown key, `ssh-ed25519 AAAA…`; null if it could not be read. */
  readonly publicKey: string | null;
}

/** How a problem is recognised, and the message about it. */
interface Diagnosis {
  /** Matches ssh's message. */
  readonly sign: RegExp;
  readonly isImpostor?: true;
  readonly problem: (failure: Failure, found: Found) => Summary;
  readonly remedy?: (failure: Failure, found: Found) => string;
  readonly keyLine?: (failure: Failure, found: Found) => string | undefined;
}

/** The groups of a sign; one that took no part in the match is empty. */
type Found = readonly string[];

/** The diagnoses of a catalogue, most specific first: the first that matches is used. */
type Diagnoses<Problems> = { readonly [Problem in keyof Problems]: Diagnosis };

/** The length of a path, the longest of what is quoted from a host's words. */
const MOST_OF_A_GROUP = 4_096;

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
  const known = diagnosed(CONNECTION_DIAGNOSES, { settings, words, serverKey, publicKey });
  return new HostUnreachable(
    at(settings, known ?? { problem: OTHER.ended(lastLines(words)) }),
    known?.isImpostor,
  );
}

/** The message about a login that timed out. */
export function connectionTimeout(
  settings: SshSettings,
  log: Pick<SshLog, "words">,
  loginMs: number,
): HostUnreachable {
  const said = log.words.length > 0 ? ` So far it has said: ${lastLines(log.words.join("\n"))}` : "";
  return new HostUnreachable(
    at(settings, {
      problem: OTHER.loginTimedOut(String(inSeconds(loginMs))),
      remedy: `Is the host overloaded, or does a firewall on the way drop packets? A security key waits for a touch.${said}`,
    }),
  );
}

/**
 * Why a shell did not run or has ended, from what ssh and the host printed; their own words if no remedy is
 * known.
 */
export function shellProblem(settings: SshSettings, words: string): Trouble {
  const known = diagnosed(SHELL_DIAGNOSES, { settings, words, serverKey: "", publicKey: null });
  return at(settings, known ?? { problem: lastLines(words) });
}

function at({ address }: SshSettings, { problem, remedy, keyLine }: Trouble): Trouble {
  return { problem: `At ${address}: ${problem}`, remedy, keyLine };
}

function diagnosed(
  diagnoses: Readonly<Record<string, Diagnosis>>,
  failure: Failure,
): (Trouble & { readonly isImpostor?: true }) | undefined {
  for (const { sign, isImpostor, problem, remedy, keyLine } of Object.values(diagnoses)) {
    const match = sign.exec(failure.words);
    if (match === null) continue;
    const found = Array.from(match, (group) => truncated((group ?? "").trim(), MOST_OF_A_GROUP));
    return {
      problem: problem(failure, found),
      remedy: remedy?.(failure, found),
      keyLine: keyLine?.(failure, found),
      isImpostor,
    };
  }
  return undefined;
}

const NOTHING_SENT = "Nothing was sent to it.";
const COMPARE =
  "compare the fingerprint with `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` on its console";
const IS_IT_UP = "Is the host up, and does every firewall on the way let this machine through?";

const CONNECTION_DIAGNOSES: Diagnoses<typeof CONNECTION> = {
  keyChanged: {
    sign: /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    isImpostor: true,
    problem: ({ serverKey, settings, words }) =>
      CONNECTION.keyChanged(serverKey, whereKeyIs(settings, words)),
    remedy: ({ settings }) =>
      `${NOTHING_SENT} If you know that the host was reinstalled, ${COMPARE}, and then put the new key ` +
      `${whereKeysAre(settings)}. Otherwise the connection may be intercepted`,
  },
  keyRevoked: {
    sign: /REVOKED HOST KEY DETECTED/,
    isImpostor: true,
    problem: ({ serverKey }) => CONNECTION.keyRevoked(serverKey),
    remedy: () => `${NOTHING_SENT} Give the host a new key`,
  },
  keyUnknown: {
    sign: UNKNOWN_KEY,
    problem: ({ serverKey }) => CONNECTION.keyUnknown(serverKey),
    remedy: ({ settings, publicKey }, [, host = ""]) =>
      `${NOTHING_SENT} First ${COMPARE}. If it is the same, put the key of ${host} ${whereKeysAre(settings)}` +
      (publicKey === null
        ? ""
        : `: ${asWritten(settings, host, publicKey)}. Never skip the comparison: an attacker on the path would show a key too`),
    keyLine: ({ settings: { hostKeys }, publicKey }, [, host = ""]) => {
      if (publicKey === null) return undefined;
      return hostKeys === null ? `${host} ${publicKey}` : publicKey;
    },
  },
  keyNotAccepted: {
    sign: /Host key verification failed/,
    problem: ({ serverKey }) => CONNECTION.keyNotAccepted(serverKey),
    remedy: ({ words }) => `${NOTHING_SENT} ssh says: ${lastLines(words)}`,
  },
  identityReadable: {
    sign: /Permissions \d{1,6} for '([^'\n]*)' are too open/,
    problem: (_, [, file = ""]) => CONNECTION.identityReadable(file),
    remedy: () => "Run `chmod 600` on it",
  },
  identityUnreadable: {
    sign: /^(?=[\s\S]*Permission denied)[\s\S]*?no such identity: (.*): ([^:\n]*)\n/,
    problem: (_, [, file = "", reason = ""]) => CONNECTION.identityUnreadable(file, reason),
    remedy: () =>
      "Correct its path, or leave it out to use the keys of the agent and of your ssh configuration",
  },
  tooManyKeys: {
    sign: /Too many authentication failures/,
    problem: () => CONNECTION.tooManyKeys,
    remedy: () => "Set identityFile to the right one: then ssh does not try the agent's other keys",
  },
  loginRefused: {
    sign: /^(\S*): Permission denied \((.*)\)/m,
    problem: (_, [, login = "", methods = ""]) => CONNECTION.loginRefused(login, methods),
    remedy: () =>
      "Check the user, that the public key is in that user's authorized_keys, and that the private key is in the agent " +
      "or set as identityFile. The provider never asks for a password",
  },
  nameWithoutAddress: {
    sign: /Could not resolve hostname (.*): (.*)/,
    problem: (_, [, name = "", reason = ""]) => CONNECTION.nameWithoutAddress(name, reason),
    remedy: () => "Correct the address, or the name in DNS or in your ssh configuration",
  },
  nothingListens: {
    sign: /connect to host (\S+) port (\d+): Connection refused/,
    problem: (_, [, host = "", port = ""]) => CONNECTION.nothingListens(port, host),
    remedy: () => "Is sshd running, and the port right?",
  },
  portUnreachable: {
    sign: /connect to host (\S+) port (\d+): (.*)/,
    problem: (_, [, host = "", port = "", reason = ""]) => CONNECTION.portUnreachable(port, host, reason),
    remedy: () => IS_IT_UP,
  },
  timedOut: {
    sign: /(?:timed out|Timeout, server \S* not responding)/i,
    problem: ({ words }) => CONNECTION.timedOut(lastLines(words)),
    remedy: () => IS_IT_UP,
  },
  configurationInvalid: {
    sign: /(?:Bad configuration option|terminating, \d+ bad configuration|Can't open user config file|Bad owner or permissions on)/,
    problem: ({ words }) => CONNECTION.configurationInvalid(lastLines(words)),
    remedy: () => "Correct that file",
  },
  noCommonAlgorithm: {
    sign: /Unable to negotiate with .*?: (.*)/,
    problem: (_, [, reason = ""]) => CONNECTION.noCommonAlgorithm(reason),
    remedy: () => "Upgrade the older one, or allow the algorithm for this host in your ssh configuration",
  },
  closedBeforeLogin: {
    sign: /Connection (?:closed|reset) by|kex_exchange_identification/,
    problem: ({ words }) => CONNECTION.closedBeforeLogin(lastLines(words)),
    remedy: () =>
      "See the log of its sshd: too many connections at once (MaxStartups), or a rule that blocks this machine",
  },
};

const SHELL_DIAGNOSES: Diagnoses<typeof SHELL> = {
  needsTerminal: {
    sign: /must have a tty/,
    problem: ({ settings }) => SHELL.needsTerminal(shown(settings)),
    remedy: () => "Remove `requiretty` from sudoers for this user, or log in as root",
  },
  asksForPassword: {
    sign: /a password is required|a terminal is required|Authentication (?:failed|required)/i,
    problem: ({ settings }) => SHELL.asksForPassword(shown(settings)),
    remedy: () =>
      "Allow the user to run `timeout` without one, such as by `USER ALL=(root) NOPASSWD: /usr/bin/timeout` in sudoers, " +
      "or log in as root",
  },
  notAllowed: {
    sign: /is not in the sudoers file|is not allowed to (?:execute|run)|Operation not permitted/,
    problem: ({ settings, words }) => SHELL.notAllowed(shown(settings), lastLines(words)),
    remedy: () => "Allow it in sudoers, or log in as root",
  },
  commandMissing: {
    sign: /env: (?:can't execute )?['\u2018]?([^\s'\u2019:]+)['\u2019]?: (?:No such file|not found|Permission denied)/,
    problem: (_, [, command = ""]) => SHELL.commandMissing(command),
    remedy: () => "Install it there (`timeout` is part of coreutils), or correct `become`",
  },
  noMoreSessions: {
    sign: /Session open refused by peer/,
    problem: () => SHELL.noMoreSessions,
    remedy: () => "Set MaxSessions in its sshd_config to 4 or more (the default is 10)",
  },
  noShell: {
    sign: /This account is (?:currently )?not available|nologin/,
    problem: () => SHELL.noShell,
    remedy: () => "Log in as another user, or give this one /bin/sh",
  },
  notStarted: {
    sign: /^the shell has not begun within \d+ s/m,
    problem: (_, [words = ""]) => SHELL.notStarted(words),
    remedy: ({ settings }) =>
      "Something before it does not end: a file that the user's login shell reads, a ForceCommand in sshd_config" +
      `${settings.become ? `, or \`${shown(settings)}\`` : ""}. Log in as that user to see it`,
  },
  endedSilently: {
    sign: /^the shell ended \(exit status \d+\)$(?<!255\))/,
    problem: (_, [words = ""]) => SHELL.endedSilently(words),
    remedy: () => "Does the user have a shell there?",
  },
  connectionLost: {
    sign: /Broken pipe|read header failed|UNKNOWN port 65535|Timeout, server \S* not responding|exit status 255/,
    problem: () => SHELL.connectionLost,
  },
};

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
