import { chownSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { mailSniProvider } from "../../lib/provider/mail-sni-provider";
import { type InProcessServer, serveInProcess } from "../../lib/provider/protocol/serve";
import { builtProvider, PROVIDER_ADDRESS } from "./built-provider";
import { type EngineRun, startEngine, temporaryDirectory, vendorProvider } from "./engine";
import { EngineReport } from "./engine-report";
import { requireEngine } from "./engine-under-test";
import { providersIn } from "./processes";

/** What a stack declares, as it would be in a `main.tf.json`. */
export interface Configuration {
  /** @default "mail" */
  readonly stack?: string;
  /** The provider's `hosts`. */
  readonly hosts: Readonly<Record<string, object>>;
  /** By address, such as `mailsni_host_files.a`. */
  readonly resources: Readonly<Record<string, object>>;
  /** Addresses that have changed: from, to. */
  readonly moved?: Readonly<Record<string, string>>;
  /** Names of variables that are neither kept in a state nor in a plan. */
  readonly ephemeralVariables?: readonly string[];
}

/** In a process of its own for each walk of the engine, as in a user's stack; or all the time in that of the tests. */
export type ProviderProcess = "vendored" | "in process";

export interface RunOptions {
  /** @default that of the workspace */
  readonly provider?: ProviderProcess;
  readonly env?: Readonly<Record<string, string>>;
  /** A program with its arguments that runs the engine, such as `faketime -f +1d`. */
  readonly through?: readonly string[];
}

/**
 * A stack's directory: its configuration, its state, and the provider as `terraform.d/plugins` and the lock file carry
 * it. Configuration is written by hand: the provider is tested here without the constructs.
 */
export class Workspace {
  readonly #engine = requireEngine();

  private constructor(
    readonly directory: string,
    private readonly version: string,
    private readonly provider: ProviderProcess,
    private readonly server: InProcessServer,
  ) {
    mkdirSync(this.path("home"));
  }

  /** One in which the provider runs in process is open sooner and works faster, but cannot run it vendored. */
  static async open(provider: ProviderProcess): Promise<Workspace> {
    const { path } = await temporaryDirectory();
    const server = await serveInProcess(mailSniProvider());
    if (provider === "in process") return new Workspace(path, "0.0.0", provider, server);
    const built = await builtProvider();
    vendorProvider(path, built);
    const workspace = new Workspace(path, built.version, provider, server);
    workspace.declare({ hosts: {}, resources: {} });
    const { exitCode, output } = await workspace.run(["init"]);
    if (exitCode !== 0) throw new Error(`init failed: ${output}`);
    return workspace;
  }

  path(...names: readonly string[]): string {
    return join(this.directory, ...names);
  }

  /** Replaces the configuration. */
  declare({ stack = "mail", hosts, resources, moved = {}, ephemeralVariables = [] }: Configuration): void {
    const byType: Record<string, Record<string, object>> = {};
    for (const [address, resource] of Object.entries(resources)) {
      const [type, name] = address.split(".") as [string, string];
      byType[type] = { ...byType[type], [name]: resource };
    }
    const document = {
      terraform: {
        required_providers: { mailsni: { source: PROVIDER_ADDRESS, version: this.version } },
      },
      provider: { mailsni: { stack, hosts } },
      ...(Object.keys(byType).length > 0 && { resource: byType }),
      moved: Object.entries(moved).map(([from, to]) => ({ from, to })),
      ...(ephemeralVariables.length > 0 && {
        variable: Object.fromEntries(
          ephemeralVariables.map((name) => [name, { type: "string", sensitive: true, ephemeral: true }]),
        ),
      }),
    };
    writeFileSync(this.path("main.tf.json"), JSON.stringify(document, null, 2));
  }

  /** Exit code 0 where there is nothing to change, 2 where there is. */
  plan(options?: RunOptions): Promise<EngineReport> {
    return this.#report(["plan", "-detailed-exitcode"], options);
  }

  apply(options?: RunOptions): Promise<EngineReport> {
    return this.#report(["apply", "-auto-approve"], options);
  }

  /** An apply that has to succeed. @throws Error with what the engine printed */
  async mustApply(options?: RunOptions): Promise<EngineReport> {
    const report = await this.apply(options);
    if (report.exitCode !== 0) throw new Error(report.output);
    return report;
  }

  destroy(options?: RunOptions): Promise<EngineReport> {
    return this.#report(["destroy", "-auto-approve"], options);
  }

  async #report(args: readonly string[], options?: RunOptions): Promise<EngineReport> {
    return new EngineReport(await this.run(args, options));
  }

  run(args: readonly string[], options?: RunOptions): Promise<EngineRun> {
    return this.start(args, options).finished;
  }

  /** For tests that kill the engine. */
  start(
    args: readonly string[],
    { provider = this.provider, env = {}, through = [] }: RunOptions = {},
  ): ReturnType<typeof startEngine> {
    const [executable, ...rest] = [...through, this.#engine.executable, ...args] as [string, ...string[]];
    return startEngine({ ...this.#engine, executable }, this.directory, rest, {
      env: {
        HOME: this.path("home"),
        TMPDIR: this.path("home"),
        ...(provider === "in process" && { TF_REATTACH_PROVIDERS: this.server.reattach(PROVIDER_ADDRESS) }),
        ...env,
      },
    });
  }

  /** What is in the state, by address. */
  get state(): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
    const { resources } = JSON.parse(this.stateText) as {
      resources: { type: string; name: string; instances: { attributes: Record<string, unknown> }[] }[];
    };
    return Object.fromEntries(
      resources.flatMap(({ type, name, instances }) =>
        instances.map(({ attributes }) => [`${type}.${name}`, attributes]),
      ),
    );
  }

  get stateText(): string {
    return readFileSync(this.path("terraform.tfstate"), "utf8");
  }

  /** The process ids of the provider that run for this workspace. */
  get providers(): readonly number[] {
    return providersIn(this.directory);
  }

  /** Resolves when none of them is left. */
  async providersEnded(): Promise<void> {
    while (this.providers.length > 0) await setTimeout(20);
  }

  /** Has everything belong to another user, who is to run the engine here from now on. */
  giveTo(uid: number, gid: number): void {
    chownSync(this.directory, uid, gid);
    for (const name of readdirSync(this.directory, { recursive: true, withFileTypes: true })) {
      if (!name.isSymbolicLink()) chownSync(join(name.parentPath, name.name), uid, gid);
    }
  }

  async close(): Promise<void> {
    await this.server.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
