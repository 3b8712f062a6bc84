import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Holder } from "../../../../lib/shared/journal/holder";

/** Another process that runs until it is told to end, such as the provider of another run. */
export class RunningProcess {
  static async start(): Promise<RunningProcess> {
    const child = spawn("sleep", ["60"]);
    await once(child, "spawn");
    const stat = readFileSync(`/proc/${child.pid}/stat`, "latin1");
    const start = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
    return new RunningProcess(child, { pid: Number(child.pid), start });
  }

  private constructor(
    private readonly child: ChildProcess,
    readonly holder: Holder,
  ) {}

  async end(): Promise<void> {
    if (this.child.signalCode !== null) return;
    this.child.kill("SIGKILL");
    await once(this.child, "exit");
  }
}
