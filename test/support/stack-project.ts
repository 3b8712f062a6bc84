import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { App, LocalBackend, TerraformStack } from "cdktf";
import { renewalProgram } from "../../build/host-programs";
import { packageHash } from "../../lib/shared/engine/provider-place";
import { builtProvider } from "./built-provider";
import {
  type Engine,
  type EngineOptions,
  type EngineRun,
  runEngine,
  startEngine,
  temporaryDirectory,
} from "./engine";
import { EngineReport } from "./engine-report";
import { providersIn } from "./processes";

export interface StackProjectOptions {
  /** Declares where the state is. @default a file in the directory of the project */
  readonly backend?: (stack: TerraformStack) => void;
  /** Of all runs of the engine, such as what it needs for the backend. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * A project with one stack, declared by a function: synthesized in a directory of its own, with the provider as its
 * sources are now beside it, and brought about by a real engine there.
 */
export class StackProject {
  static async create(engine: Engine, options: StackProjectOptions = {}): Promise<StackProject> {
    const { path } = await temporaryDirectory();
    await writeProvider(join(path, PROVIDER));
    return new StackProject(engine, path, options);
  }

  #initialised = false;

  private constructor(
    private readonly engine: Engine,
    readonly directory: string,
    private readonly options: StackProjectOptions,
  ) {}

  /** Synthesizes the stack again. @returns what `declare` returns */
  synth<T>(declare: (stack: TerraformStack) => T): T {
    const app = new App({
      outdir: join(this.directory, "cdktf.out"),
      context: {
        "mail-sni:provider-directory": join(this.directory, PROVIDER),
        "mail-sni:host-directory": join(this.directory, PROVIDER),
        "mail-sni:table": this.directory,
      },
    });
    const stack = new TerraformStack(app, STACK);
    const { backend = () => new LocalBackend(stack, { path: join(this.directory, "terraform.tfstate") }) } =
      this.options;
    backend(stack);
    const declared = declare(stack);
    app.synth();
    return declared;
  }

  /** Exit code 0 where there is nothing to change, 2 where there is. */
  plan(options?: EngineOptions, more: readonly string[] = []): Promise<EngineReport> {
    return this.#report(["plan", "-detailed-exitcode", ...more], options);
  }

  /** Whether it worked is in the report. */
  apply(options?: EngineOptions, more: readonly string[] = []): Promise<EngineReport> {
    return this.#report([...APPLY, ...more], options);
  }

  /**
   * An apply that ends after a while, and the provider with it: as when the machine goes down. It has to be initialised.
   *
   * @param hasBegun from when on that while counts. @default from its start
   */
  async applyUntilKilled(afterMs: number, hasBegun = () => true): Promise<void> {
    const engine = startEngine(this.engine, this.#stackDirectory, APPLY, { env: this.options.environment });
    while (!hasBegun() && engine.process.exitCode === null) await setTimeout(5);
    await Promise.race([setTimeout(afterMs), engine.finished]);
    // The engine first: told of the provider's end, it would write its state.
    engine.process.kill("SIGKILL");
    await engine.finished;
    for (const pid of this.providers) process.kill(pid, "SIGKILL");
    while (this.providers.length > 0) await setTimeout(20);
  }

  destroy(options?: EngineOptions): Promise<EngineReport> {
    return this.#report(["destroy", "-auto-approve"], options);
  }

  /** Brings an object into the state. The project has to be initialised. */
  async import(address: string, id: string, options?: EngineOptions): Promise<void> {
    const { exitCode, output } = await runEngine(
      this.engine,
      this.#stackDirectory,
      ["import", address, id],
      options,
    );
    if (exitCode !== 0) throw new Error(output);
  }

  /** Takes a resource out of the state, and leaves it where it is. */
  async forget(address: string): Promise<void> {
    await this.#succeed(["state", "rm", address]);
  }

  /** An apply that is not waited for. The project has to be initialised, by an earlier one. */
  async startApply(more: readonly string[] = []): Promise<EngineReport> {
    return new EngineReport(await this.#run([...APPLY, ...more]));
  }

  /** Removes a lock that a killed engine has left. */
  async unlock(id: string): Promise<void> {
    await this.#succeed(["force-unlock", "-force", id]);
  }

  /** Has the state say what there is by now, and changes nothing else. */
  async refresh(): Promise<void> {
    await this.#succeed(["apply", "-refresh-only", "-auto-approve"]);
  }

  /** The values of all outputs, as they were after the last apply. */
  async outputs(): Promise<Readonly<Record<string, unknown>>> {
    const outputs: Record<string, { value: unknown }> = JSON.parse(await this.outputJson());
    return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]));
  }

  /** All outputs as the engine prints them. */
  async outputJson(): Promise<string> {
    return (await this.#succeed(["output", "-json"])).stdout;
  }

  /** A saved plan as JSON, with everything in it in clear. */
  async show(plan: string): Promise<string> {
    return (await this.#succeed(["show", "-json", plan])).stdout;
  }

  /** The process ids of the provider that run for the stack. */
  get providers(): readonly number[] {
    return providersIn(this.#stackDirectory);
  }

  /** Removes the directory. What was deployed stays. */
  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  get #stackDirectory(): string {
    return join(this.directory, "cdktf.out/stacks", STACK);
  }

  async #report(args: readonly string[], options?: EngineOptions): Promise<EngineReport> {
    if (!this.#initialised) await this.#succeed(["init"]);
    this.#initialised = true;
    return new EngineReport(await this.#run(args, options));
  }

  #run(args: readonly string[], { env }: EngineOptions = {}): Promise<EngineRun> {
    return runEngine(this.engine, this.#stackDirectory, args, {
      env: { ...this.options.environment, ...env },
    });
  }

  async #succeed(args: readonly string[]): Promise<EngineRun> {
    const run = await this.#run(args);
    if (run.exitCode !== 0) throw new Error(`${this.engine.name} ${args.join(" ")} failed:\n${run.output}`);
    return run;
  }
}

const STACK = "mail";
const PROVIDER = "provider";
const APPLY = ["apply", "-auto-approve"];

/** What `dist/provider` has, the bundle and its manifest, and the program that renews on hosts. */
export async function writeProvider(directory: string): Promise<void> {
  const { version, file: bundle } = await builtProvider();
  const file = basename(bundle);
  const h1 = packageHash(file, readFileSync(bundle));
  mkdirSync(directory);
  copyFileSync(bundle, join(directory, file));
  writeFileSync(join(directory, "manifest.json"), JSON.stringify({ version, file, h1 }));
  writeFileSync(join(directory, "renewal"), renewalProgram(resolve(__dirname, "../..")));
}
