import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The arguments of a process, the program first; none where it has ended. */
export function argumentsOf(pid: number): readonly string[] {
  return read(`/proc/${pid}/cmdline`).split("\0").slice(0, -1);
}

export function childrenOf(pid: number): readonly number[] {
  return read(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number);
}

/** All processes that a process has started, and those that these have. */
export function descendantsOf(pid: number): readonly number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

/** The processes of the provider that an engine has started in a stack's directory. */
export function providersIn(directory: string): readonly number[] {
  return processesIn(directory).filter(isProvider);
}

/** The processes whose working directory it is, which has to be named without links. */
export function processesIn(directory: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => workingDirectoryOf(pid) === directory);
}

function isProvider(pid: number): boolean {
  return argumentsOf(pid).join(" ").includes("terraform-provider-mailsni");
}

function workingDirectoryOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** Ends processes at once, those that are still there. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}

/** Of /proc: empty where the process has ended. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
