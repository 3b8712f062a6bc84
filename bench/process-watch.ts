import { readdirSync, readFileSync } from "node:fs";

/** What processes have used. */
export interface Usage {
  /** Memory of the largest. */
  readonly peakBytes: number;
  /** Of all together. */
  readonly cpuMilliseconds: number;
}

/** Of CLK_TCK, which is 100 on every Linux that Node runs on. */
const MILLISECONDS_PER_TICK = 10;
/** In /proc/PID/stat, counted behind the name in parentheses: proc(5). */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;

/** Watches the processes that `parent` starts and that run `file`. */
export class ProcessWatch {
  #peakBytes = 0;
  readonly #cpuTicks = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(
    private readonly parent: number,
    private readonly file: string,
  ) {
    this.#timer = setInterval(() => this.#look(), 50);
  }

  stop(): Usage {
    clearInterval(this.#timer);
    const ticks = [...this.#cpuTicks.values()].reduce((sum, one) => sum + one, 0);
    return { peakBytes: this.#peakBytes, cpuMilliseconds: ticks * MILLISECONDS_PER_TICK };
  }

  #look(): void {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(this.file)) continue;
        const status = readFileSync(`/proc/${pid}/status`, "utf8");
        if (Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) !== this.parent) continue;
        const kilobytes = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
        this.#peakBytes = Math.max(this.#peakBytes, kilobytes * 1024);
        this.#cpuTicks.set(pid, cpuTicks(readFileSync(`/proc/${pid}/stat`, "utf8")));
      } catch {
        // It has ended meanwhile.
      }
    }
  }
}

function cpuTicks(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(") ") + 2).split(" ");
  return Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS]);
}
