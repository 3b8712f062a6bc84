import { readdirSync, readFileSync } from "node:fs";

/** Watches the processes that `parent` starts, and tells the peak memory (bytes) of the largest that runs `file`. */
export class PeakMemory {
  #peakBytes = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(
    private readonly parent: number,
    private readonly file: string,
  ) {
    this.#timer = setInterval(() => this.#look(), 50);
  }

  stop(): number {
    clearInterval(this.#timer);
    return this.#peakBytes;
  }

  #look(): void {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(this.file)) continue;
        const status = readFileSync(`/proc/${pid}/status`, "utf8");
        if (Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) !== this.parent) continue;
        const kilobytes = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
        this.#peakBytes = Math.max(this.#peakBytes, kilobytes * 1024);
      } catch {
        // It has ended meanwhile.
      }
    }
  }
}
