import { execFileSync, spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { PEAK_MEMORY_LINE, PROCESSOR_TIME_LINE } from "./usage-lines";

export const ROOT = resolve(__dirname, "..");

/** What `hosts` says of the milliseconds that the rules and the table took. */
export const REVIEW_LINE = "review:";

export interface Finished {
  /** Processor time: unlike the time of a clock it hardly depends on what else the machine does. */
  readonly milliseconds: number;
  readonly peakBytes: number;
  readonly output: string;
}

/** Where compiled programs are: packages are found from there. */
const APPS = join(ROOT, "dist", "bench");

/** Compiles the library as it is published, and the programs of `bench/apps`, which use it from there. */
export async function compileApps(): Promise<void> {
  execFileSync("npm", ["run", "--silent", "build:lib"], { cwd: ROOT, stdio: "inherit" });
  await build({
    entryPoints: [join(ROOT, "bench/apps/*.ts")],
    outdir: APPS,
    bundle: true,
    platform: "node",
    packages: "external",
    logLevel: "warning",
    plugins: [
      {
        name: "compiled-library",
        setup: ({ onResolve }) =>
          onResolve({ filter: /^\.\.\/\.\.\/lib(\/|$)/ }, ({ path }) =>
            // What the command is made of is in no published library.
            path.startsWith("../../lib/cli/") ? null : { path: path.replace("../", ""), external: true },
          ),
      },
    ],
  });
}

/** Where a program of `bench/apps` is, once it is compiled. */
export function compiledApp(name: string): string {
  return join(APPS, `${name}.js`);
}

/**
 * Runs a program of `bench/apps` to its end: all of it counts, as when `cdktf synth` runs it. Garbage is collected on one
 * thread, since several that wait for each other take processor time, the more the busier the machine is.
 */
export function runApp(name: string, args: readonly string[]): Promise<Finished> {
  const child = spawn(process.execPath, ["--single-threaded-gc", compiledApp(name), ...args], {
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
      const figureAfter = (line: string) => Number(new RegExp(`^${line} ([0-9.]+)$`, "m").exec(output)?.[1]);
      const [milliseconds, kilobytes] = [figureAfter(PROCESSOR_TIME_LINE), figureAfter(PEAK_MEMORY_LINE)];
      if (status === 0 && milliseconds > 0 && kilobytes > 0) {
        done({ milliseconds, peakBytes: kilobytes * 1024, output });
      } else {
        reject(new Error(`bench/apps/${name}.ts ended with ${status}: ${output}`));
      }
    });
  });
}
