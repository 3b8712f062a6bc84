import { posix } from "node:path";
import { type UnitLine, Units, unitOf } from "./units";

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

/** Something on a host that runs a client of a CA from time to time. What runs two clients is there twice. */
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

/** What runs clients and is switched off. */
export interface Retired {
  /** All clients that it runs. */
  readonly programs: readonly string[];
  readonly kind: "line" | "service";
  /** The crontab, or the drop-in that keeps a service from being started. */
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
  const lines = printed.filter(hasPath).map((line) => lineOf(line, without));
  const off = new Set(lines.flatMap(({ tag, file }) => (tag === "D" ? [unitOf(file)] : [])));
  const active = new Map<string, Renewer>();
  const retired = new Map<string, Retired>();
  for (const { tag, first: number, second: program, file } of lines) {
    const programs = programsOf(program);
    if (tag === "C") retired.set(`${file}:${number}`, { programs, kind: "line", file, line: Number(number) });
    if (tag === "D") retired.set(file, { programs, kind: "service", file, line: null });
    if (tag !== "R" || isUnit(file) || !isKnownRenewer(program)) continue;
    const found = ofCron(program, file, number);
    const key = `${found.where} ${program}`;
    if (!active.has(key)) active.set(key, found);
  }
  for (const { program, file, timer } of new Units(lines).timed) {
    if (!isKnownRenewer(program)) continue;
    const remedy = `systemctl disable --now ${timer}`;
    if (!off.has(posix.basename(file)))
      active.set(`${timer} ${program}`, { program, kind: "service", file, line: null, where: timer, remedy });
  }
  return { active: [...active.values()], retired: [...retired.values()] };
}

/** The clients as `retire.sh` marks what runs them. */
export function markOf(programs: readonly string[]): string {
  return [...programs].sort().join(",");
}

/** The clients of a mark. */
export function programsOf(mark: string): string[] {
  return mark.split(",");
}

/** Clients for people. */
export function inWords(programs: readonly string[]): string {
  return programs.join(" and ");
}

/** PATH_MAX of Linux, and what stands in front of the path. */
const LONGEST_LINE = 4096 + 256;

/** Whether what is printed can have the path of a file: a state keeps paths, and a host may print any text. */
export function hasPath(line: string): boolean {
  return line.length <= LONGEST_LINE;
}

/** Whether a client is one of `RENEWERS`: a host may print any. */
export function isKnownRenewer(program: string): boolean {
  return (RENEWERS as readonly string[]).includes(program);
}

function isUnit(file: string): boolean {
  return /\/systemd\/system\//.test(file);
}

function lineOf(line: string, without: Without): UnitLine {
  const [tag = "", first = "", second = "", ...path] = line.split("\t");
  return { tag, first, second, file: without(path.join("\t")) };
}

function ofCron(program: string, file: string, number: string): Renewer {
  const isTable = /^\/(etc\/(ana)?crontab$|etc\/cron\.d\/|var\/spool\/cron\/)/.test(file);
  if (!isTable)
    return { program, kind: "script", file, line: null, where: file, remedy: `chmod a-x ${file}` };
  const where = `${file}:${number}`;
  const remedy = `put a # in front of line ${number} of ${file}`;
  return { program, kind: "line", file, line: Number(number), where, remedy };
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
