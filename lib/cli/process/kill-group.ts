/**
 * Kills a process that was started `detached`, and what it has started in its process group.
 *
 * @param pid undefined if it could not be started
 */
export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended, though a process of another group may still hold its pipes open.
  }
}
