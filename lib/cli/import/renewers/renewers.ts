import { posix } from "node:path";
import type { HostLook, Looked } from "../gather/host-look";

/** Something on the host that runs a client of a CA from time to time, or that a client runs. */
export interface Renewer {
  /** The program: `certbot`, `dehydrated` … */
  readonly program: string;
  readonly kind: "cron" | "timer";
  /** A line of a crontab, a script, or a timer. */
  readonly where: string;
  /** How to switch it off, as a command or what to do. */
  readonly remedy: string;
}

/** A program that a client runs after a renewal. */
export interface Hook {
  readonly path: string;
  /** What of a mail server it mentions, such as `servercert`. */
  readonly words: readonly string[];
}

/** Words in a hook which tell that it writes files of a mail server, or reloads one. */
export const HOOK_WORDS =
  "servercert doveadm dovecot local_name ssl_cert ssl_server_cert_file postmap postfix qmail sni_maps";
/** Those which tell that it writes files that a deploy would own. */
const WRITING: readonly string[] = [
  "servercert",
  "local_name",
  "ssl_cert",
  "ssl_server_cert_file",
  "sni_maps",
  "postmap",
];

export function writesServerFiles({ words }: Hook): boolean {
  return words.some((word) => WRITING.includes(word));
}

/** Reads what `renewers` of the script has printed. */
export function renewersIn(looked: Looked, host: HostLook): Renewer[] {
  const lines = (looked ?? []).map((line) => line.split("\t"));
  const timers = timersIn(lines, host);
  const found = new Map<string, Renewer>();
  for (const [tag, number = "", program = "", ...path] of lines) {
    if (tag !== "R") continue;
    const file = host.without(path.join("\t"));
    const renewer = file.endsWith(".service")
      ? ofTimer(program, file, timers)
      : ofCron(program, file, number);
    if (renewer !== null && !found.has(renewer.where)) found.set(renewer.where, renewer);
  }
  return [...found.values()];
}

function ofCron(program: string, file: string, number: string): Renewer {
  const isTable = /^\/(etc\/crontab$|etc\/cron\.d\/|var\/spool\/cron\/)/.test(file);
  return {
    program,
    kind: "cron",
    where: isTable ? `${file}:${number}` : file,
    remedy: isTable ? `put a # in front of line ${number} of ${file}` : `chmod a-x ${file}`,
  };
}

/** Null if no timer starts the service. */
function ofTimer(program: string, file: string, timers: ReadonlySet<string>): Renewer | null {
  const name = `${posix.basename(file, ".service")}.timer`;
  if (!timers.has(name)) return null;
  return { program, kind: "timer", where: name, remedy: `systemctl disable --now ${name}` };
}

/** The timers that are on: a link in the `.wants` directory of a target names them, and no link to /dev/null masks them. */
function timersIn(lines: readonly string[][], host: HostLook): Set<string> {
  const [wanted, masked] = [new Set<string>(), new Set<string>()];
  for (const [tag, , target = "", ...path] of lines) {
    if (tag !== "T") continue;
    const file = host.without(path.join("\t"));
    if (target === "/dev/null") masked.add(posix.basename(file));
    else if (posix.dirname(file).endsWith(".wants")) wanted.add(posix.basename(file));
  }
  return new Set([...wanted].filter((name) => !masked.has(name)));
}

/** Reads what `hooks` of the script has printed. */
export function hooksIn(looked: Looked, host: HostLook): Hook[] {
  const hooks: { path: string; words: string[] }[] = [];
  for (const line of looked ?? []) {
    if (line.startsWith("F\t")) hooks.push({ path: host.without(line.slice(2)), words: [] });
    else if (line.startsWith("W\t")) hooks.at(-1)?.words.push(line.slice(2));
  }
  return hooks;
}
