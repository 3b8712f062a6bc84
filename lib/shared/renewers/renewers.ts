import { posix } from "node:path";

/** The clients of CAs that are known by their programs. */
export const RENEWERS = [
  "certbot",
  "dehydrated",
  "acme.sh",
  "lego",
  "getssl",
  "uacme",
  "letsencrypt-auto",
  "simp_le",
] as const;

/** What runs a client: a line of a crontab, a script in a directory of cron, or a service that a timer starts. */
export type RenewerKind = "line" | "script" | "service";

/** Something on a host that runs a client of a CA from time to time. */
export interface Renewer {
  /** One of `RENEWERS`. */
  readonly program: string;
  readonly kind: RenewerKind;
  /** The crontab, the script, or the file of the service. */
  readonly file: string;
  /** The number of the line in a crontab; null for a script or a service. */
  readonly line: number | null;
  /** The same for people: `FILE:LINE`, a script, or a timer. */
  readonly where: string;
  /** How to switch it off, as a command or what to do. */
  readonly remedy: string;
}

/** What runs a client and is switched off. */
export interface Retired {
  readonly program: string;
  readonly kind: "line" | "service";
  /** The crontab, or the file that keeps a service from being started. */
  readonly file: string;
  /** The number of the line in a crontab; null for a service. */
  readonly line: number | null;
}

/** What is found on a host. */
export interface FoundRenewers {
  readonly active: readonly Renewer[];
  readonly retired: readonly Retired[];
}

/** Takes the directory that all paths are below from a path. */
type Without = (path: string) => string;

/** The user of a crontab that is not root's, whom a provider that works as root leaves alone; null for anything else. */
export function userOf({ file }: Renewer): string | null {
  const [, user = "root"] = /^\/var\/spool\/cron\/(?:[^/]+\/)?([^/]+)$/.exec(file) ?? [];
  return user === "root" ? null : user;
}

/** Reads what `renewers` of `find-renewers.sh` has printed. */
export function renewersIn(printed: readonly string[], without: Without): FoundRenewers {
  const lines = printed.map(lineOf);
  const timers = new Timers(lines);
  const services = new Services(lines, without);
  const off = new Set(lines.flatMap(({ tag, path }) => (tag === "D" ? [unitOf(path)] : [])));
  const active = new Map<string, Renewer>();
  const retired = new Map<string, Retired>();
  for (const { tag, first: number, second: program, path } of lines) {
    const file = without(path);
    if (tag === "C") retired.set(`${file}:${number}`, { program, kind: "line", file, line: Number(number) });
    if (tag === "D") retired.set(file, { program, kind: "service", file, line: null });
    if (tag !== "R") continue;
    const isUnit = file.endsWith(".service");
    const found = isUnit ? ofTimer(program, file, { timers, services, off }) : ofCron(program, file, number);
    if (found !== null && !active.has(found.where)) active.set(found.where, found);
  }
  return { active: [...active.values()], retired: [...retired.values()] };
}

interface Line {
  readonly tag: string;
  readonly first: string;
  readonly second: string;
  readonly path: string;
}

function lineOf(line: string): Line {
  const [tag = "", first = "", second = "", ...path] = line.split("\t");
  return { tag, first, second, path: path.join("\t") };
}

function ofCron(program: string, file: string, number: string): Renewer {
  const isTable = /^\/(etc\/(ana)?crontab$|etc\/cron\.d\/|var\/spool\/cron\/)/.test(file);
  if (!isTable)
    return { program, kind: "script", file, line: null, where: file, remedy: `chmod a-x ${file}` };
  const where = `${file}:${number}`;
  const remedy = `put a # in front of line ${number} of ${file}`;
  return { program, kind: "line", file, line: Number(number), where, remedy };
}

/** Null if no timer starts the service, or it is switched off. */
function ofTimer(
  program: string,
  file: string,
  {
    timers,
    services,
    off,
  }: { readonly timers: Timers; readonly services: Services; readonly off: ReadonlySet<string> },
): Renewer | null {
  const unit = posix.basename(file);
  const timer = timers.starting(unit);
  if (timer === undefined || off.has(unit) || !services.isUsed(file)) return null;
  const remedy = `systemctl disable --now ${timer}`;
  return { program, kind: "service", file, line: null, where: timer, remedy };
}

/** The units of the administrator. */
export const OWN_UNITS = "/etc/systemd/system";

/** The services that an administrator has put in the place of a package's; a link to /dev/null masks one. */
class Services {
  readonly #replaced = new Set<string>();

  constructor(lines: readonly Line[], without: Without) {
    for (const { tag, path } of lines)
      if (tag === "T" && path.endsWith(".service") && posix.dirname(without(path)) === OWN_UNITS)
        this.#replaced.add(posix.basename(path));
  }

  /** Whether systemd reads the file. */
  isUsed(file: string): boolean {
    return posix.dirname(file) === OWN_UNITS || !this.#replaced.has(posix.basename(file));
  }
}

/** The timers that are on: a link in the `.wants` directory of a target names them, and no link to /dev/null masks them. */
class Timers {
  readonly #wanted = new Set<string>();
  readonly #masked = new Set<string>();
  /** The unit that a timer starts, if that is not the service of its name. */
  readonly #units = new Map<string, string>();

  constructor(lines: readonly Line[]) {
    for (const { tag, second: value, path } of lines) {
      const name = posix.basename(path);
      if (tag === "U") this.#units.set(name, value);
      if (tag !== "T" || !name.endsWith(".timer")) continue;
      if (value === "/dev/null") this.#masked.add(name);
      else if (posix.dirname(path).endsWith(".wants")) this.#wanted.add(name);
    }
  }

  /** A timer that starts the service, or an instance of it. */
  starting(service: string): string | undefined {
    return [...this.#wanted].find((name) => {
      const unit =
        this.#units.get(name) ??
        this.#units.get(templateOf(name)) ??
        `${posix.basename(name, ".timer")}.service`;
      return (unit === service || templateOf(unit) === service) && !this.#masked.has(name);
    });
  }
}

/** `renew@.timer` of `renew@domain1.tld.timer`. */
function templateOf(unit: string): string {
  return unit.replace(/@.*(\.\w+)$/, "@$1");
}

/** The service of a file in its directory of additions: `certbot.service` of `certbot.service.d/…`. */
export function unitOf(path: string): string {
  return posix.basename(posix.dirname(path)).replace(/\.d$/, "");
}

/** A line or a program that a client runs, or a file with it. */
export interface Hook {
  readonly program: string;
  /** A program, or `FILE:LINE`. */
  readonly path: string;
  /** Those of the words that were asked for that it has. */
  readonly words: readonly string[];
}

/** Reads what `hooks` of `find-renewers.sh` has printed. Those without any of the words are left out. */
export function hooksIn(printed: readonly string[], without: Without): Hook[] {
  const hooks = new Map<string, { program: string; path: string; words: string[] }>();
  let current: { words: string[] } | undefined;
  for (const line of printed) {
    const [tag, first = "", ...rest] = line.split("\t");
    if (tag === "F") {
      const path = without(rest.join("\t"));
      const known = hooks.get(path) ?? { program: first, path, words: [] };
      hooks.set(path, known);
      current = known;
    } else if (tag === "W" && current?.words.includes(first) === false) current.words.push(first);
  }
  return [...hooks.values()].filter(({ words }) => words.length > 0);
}
