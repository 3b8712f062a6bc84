import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { type Engine, startEngine } from "../test/support/engine";
import { runApp } from "./child";
import { APPLY, NO_CHANGE_PLAN } from "./engine";
import { ProcessWatch, type Usage } from "./process-watch";
import type { BuiltProvider } from "./provider";
import type { SshBenchHost } from "./ssh-host";

/** What a run of the engine has taken. */
export interface Run extends Usage {
  readonly milliseconds: number;
  /** To hosts and back. */
  readonly trips: number;
}

/** A synthesized stack of so many mail domains on hosts by ssh. */
export class SshStack {
  static async synth(
    engine: Engine,
    outdir: string,
    provider: BuiltProvider,
    domains: number,
    hosts: readonly SshBenchHost[],
  ): Promise<SshStack> {
    mkdirSync(outdir, { recursive: true });
    await runApp("ssh-domains", [outdir, provider.directory, String(domains), JSON.stringify(hosts)]);
    const stack = new SshStack(engine, join(outdir, "stacks/bench"), basename(provider.file));
    await stack.#run(["init", "-input=false"]);
    return stack;
  }

  private constructor(
    private readonly engine: Engine,
    private readonly directory: string,
    private readonly provider: string,
  ) {}

  /** @param parallelism of the engine: how many resources it works on at a time */
  deploy(parallelism = 10): Promise<Run> {
    return this.#run([...APPLY, `-parallelism=${parallelism}`]);
  }

  planWithoutChange(parallelism = 10): Promise<Run> {
    return this.#run([...NO_CHANGE_PLAN, `-parallelism=${parallelism}`]);
  }

  async #run(args: readonly string[]): Promise<Run> {
    const start = performance.now();
    const env = { TF_LOG_PROVIDER: "debug" };
    const { process, finished } = startEngine(this.engine, this.directory, args, { env });
    const watch = new ProcessWatch(process.pid as number, this.provider);
    const { exitCode, output } = await finished;
    const milliseconds = performance.now() - start;
    const usage = watch.stop();
    if (exitCode !== 0)
      throw new Error(`${this.engine.name} ${args.join(" ")} ended with ${exitCode}:\n${output}`);
    const trips = [...output.matchAll(/A shell on a host has ended.* trips=(\d+)/g)].map(([, each]) =>
      Number(each),
    );
    return { ...usage, milliseconds, trips: trips.reduce((sum, each) => sum + each, 0) };
  }
}
