import { readFileSync } from "node:fs";

/** A process that works on an entry: its number, and when it began, by which it differs from a later one of that number. */
export interface Holder {
  readonly pid: number;
  /** In clock ticks since the system's start; 0 where there is no `/proc`. */
  readonly start: number;
}

export function thisHolder(): Holder {
  return { pid: process.pid, start: startOf(process.pid) ?? 0 };
}

/**
 * Whether the process still runs. One of another machine or container cannot be seen, and counts as ended: the process that takes its
 * entry goes on with the same order, so no certificate is issued twice either way.
 */
export function isAlive({ pid, start }: Holder): boolean {
  const found = startOf(pid);
  if (found !== null) return found === start;
  return start === 0 && isThere(pid);
}

/**
 * Field 22 of `/proc/PID/stat`, by `proc_pid_stat(5)`; null without such a process, and for a process that has ended and is still listed: in
 * a container whose first process is no init, one whose parent was killed stays so until the container ends.
 */
function startOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
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
