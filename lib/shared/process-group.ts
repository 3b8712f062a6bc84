import type { ChildProcess } from "node:child_process";

/**
 * Signals a process that was started `detached`, and what it has started in its process group. Does nothing if it could not be
 * started, or has ended: then its number may belong to another process.
 */
export function signalGroup(
  { pid, exitCode, signalCode }: Pick<ChildProcess, "pid" | "exitCode" | "signalCode">,
  signal: NodeJS.Signals = "SIGKILL",
): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended, and Node has not been told yet.
  }
}
