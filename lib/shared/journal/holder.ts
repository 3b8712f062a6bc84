import { readFileSync } from "node:fs";
import { uptime } from "node:os";

const PROC = "/proc";

/** A process that works on an entry: its number, and when it began, by which it differs from a later one of that number. */
export interface Holder {
  readonly pid: number;
  /** In clock ticks since the system's start; where there is no `/proc`, as on macOS, in seconds since 1970. */
  readonly start: number;
}

/** @param proc where processes are files, by `proc(5)` */
export function thisHolder(proc = PROC): Holder {
  return { pid: process.pid, start: startOf(process.pid, proc) ?? Math.floor(now() - process.uptime()) };
}

/**
 * Whether the process still runs. One of another machine or container cannot be seen, and counts as ended: the process that takes its
 * entry goes on with the same order, so no certificate is issued twice either way.
 *
 * @param proc where processes are files, by `proc(5)`
 */
export function isAlive({ pid, start }: Holder, proc = PROC): boolean {
  const found = startOf(pid, proc);
  if (found !== null) return found === start;
  return isThere(pid) && startOf(process.pid, proc) === null && isRecent(start);
}

/** Longer than an apply takes. */
const LONGEST_RUN_SECONDS = 86_400;

/**
 * Whether a process may still be there that began then. Where there is no `/proc`, it cannot be told apart from a later one of its
 * number: but that is another one after a restart of the system.
 */
function isRecent(start: number): boolean {
  return start >= now() - Math.min(uptime(), LONGEST_RUN_SECONDS);
}

/** In seconds since 1970. */
function now(): number {
  return Date.now() / 1000;
}

/**
 * Field 22 of `/proc/PID/stat`, by `proc_pid_stat(5)`; null without such a process, and for a process that has ended and is still listed: in
 * a container whose first process is no init, one whose parent was killed stays so until the container ends.
 */
function startOf(pid: number, proc: string): number | null {
  try {
    const stat = readFileSync(`${proc}/${pid}/stat`, "latin1");
    // The second field is the program's name in parentheses, and may contain both blanks and parentheses.
    const [state = "", ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const start = Number(fields[18]);
    return Number.isSafeInteger(start) && !ENDED.has(state) ? start : null;
  } catch {
    return null;
  }
}

/** A zombie, and one that is just being removed. */
const ENDED = new Set(["Z", "X", "x"]);

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
