import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** The lock of a host, held by what seems to be another run. */
export class HeldLock {
  /** @param stateDirectory of this machine, created if it is missing */
  static async of(stateDirectory: string): Promise<HeldLock> {
    mkdirSync(stateDirectory, { recursive: true });
    const lock = join(stateDirectory, "lock");
    const holder = spawn("sh", ["-c", 'exec 9>>"$1"; flock 9; echo held; exec sleep 60', "sh", lock]);
    await once(holder.stdout, "data");
    return new HeldLock(lock, holder);
  }

  private constructor(
    private readonly lock: string,
    private readonly holder: ChildProcess,
  ) {}

  /** Resolves when so many runs wait for it. */
  async waiters(count: number): Promise<void> {
    while (this.#waiting.length < count) await delay(20);
  }

  /** Resolves when a run's first attempt is over, and its next one waits. */
  async waitedAgain(): Promise<void> {
    await this.waiters(1);
    const [first] = this.#waiting;
    while (this.#waiting.every((pid) => pid === first)) await delay(20);
  }

  /** As if that run were killed. */
  release(): void {
    this.holder.kill("SIGKILL");
  }

  /** The processes that wait: each attempt is one of its own. `proc_locks(5)` */
  get #waiting(): string[] {
    const waiting = new RegExp(`-> FLOCK +ADVISORY +WRITE (\\d+) \\S+:${statSync(this.lock).ino} `, "g");
    return [...readFileSync("/proc/locks", "utf8").matchAll(waiting)].map(([, pid]) => String(pid));
  }
}
