import { spawn } from "node:child_process";
import { resolve } from "node:path";

export const ROOT = resolve(__dirname, "..");

/** What a program says last of all, before its peak memory in kilobytes. */
export const PEAK_MEMORY_LINE = "peak memory:";

export interface Finished {
  readonly milliseconds: number;
  readonly peakBytes: number;
}

/** Runs a program of `bench/apps` to its end: all of it counts, as when `cdktf synth` runs it. */
export function runApp(name: string, args: readonly string[]): Promise<Finished> {
  const start = performance.now();
  const child = spawn(process.execPath, ["--import", "tsx", `bench/apps/${name}.ts`, ...args], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  return new Promise((done, reject) => {
    child.once("error", reject);
    child.once("close", (status) => {
      const milliseconds = performance.now() - start;
      const kilobytes = new RegExp(`^${PEAK_MEMORY_LINE} (\\d+)$`, "m").exec(output)?.[1];
      if (status === 0 && kilobytes) done({ milliseconds, peakBytes: Number(kilobytes) * 1024 });
      else reject(new Error(`bench/apps/${name}.ts ended with ${status}: ${output}`));
    });
  });
}
