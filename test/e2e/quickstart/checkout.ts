import {
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type CommandOptions, type CommandResult, mustRun, runCommand } from "../../support/commands";
import { type Engine, runEngine } from "../../support/engine";
import { EngineReport } from "../../support/engine-report";

const HOME = ".home";
const ROOT = resolve(__dirname, "../../..");

export interface RunOptions extends Pick<CommandOptions, "env"> {
  /** A program with its arguments that runs the command, such as `setpriv --reuid=65534`. */
  readonly through?: readonly string[];
}

/** The repository as after a fresh clone and `npm ci`: its tracked files as they are now, and the same packages. */
export class Checkout {
  /** @param packages false for what it is before `npm ci` */
  static async create({ packages = true } = {}): Promise<Checkout> {
    const directory = mkdtempSync(join(tmpdir(), "mail-sni-checkout-"));
    const { stdout } = await mustRun(["git", "-C", ROOT, "ls-files", "-z"]);
    for (const file of stdout.split("\0").filter(Boolean)) {
      mkdirSync(dirname(join(directory, file)), { recursive: true });
      cpSync(join(ROOT, file), join(directory, file));
    }
    if (packages) symlinkSync(join(ROOT, "node_modules"), join(directory, "node_modules"));
    mkdirSync(join(directory, HOME));
    return new Checkout(directory);
  }

  private constructor(private readonly directory: string) {}

  path(...names: readonly string[]): string {
    return join(this.directory, ...names);
  }

  read(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }

  write(name: string, text: string): void {
    writeFileSync(this.path(name), text);
  }

  /** `npm run quickstart`, as a person would. */
  quickstart({ through = [], env }: RunOptions = {}): Promise<CommandResult> {
    const [program, ...args] = [...through, "npm", "run", "--silent", "quickstart"] as const;
    return runCommand([program, ...args], { cwd: this.directory, env: { ...this.#environment, ...env } });
  }

  /** What `cdktf` has done before it calls the engine. */
  async synth(): Promise<void> {
    const { app } = JSON.parse(this.read("cdktf.json"));
    await mustRun(["sh", "-c", app], { cwd: this.directory, env: this.#environment });
  }

  async plan(engine: Engine): Promise<EngineReport> {
    return this.#report(engine, ["plan", "-detailed-exitcode"]);
  }

  async apply(engine: Engine): Promise<EngineReport> {
    return this.#report(engine, ["apply", "-auto-approve"]);
  }

  /** Has everything belong to another user. */
  giveTo(uid: number, gid: number): void {
    for (const { parentPath, name } of readdirSync(this.directory, {
      recursive: true,
      withFileTypes: true,
    })) {
      if (name !== "node_modules") chownSync(join(parentPath, name), uid, gid);
    }
    chownSync(this.directory, uid, gid);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #report(engine: Engine, args: readonly string[]): Promise<EngineReport> {
    return new EngineReport(await runEngine(engine, this.path("cdktf.out/stacks/quickstart"), args));
  }

  /** Nothing of whose tests these are: neither what engines are told by the environment nor what is at home. */
  get #environment(): Record<string, string> {
    const told = Object.keys(process.env).filter((name) => /^(TF|TERRAFORM|CDKTF)_/.test(name));
    return { ...Object.fromEntries(told.map((name) => [name, ""])), HOME: this.path(HOME) };
  }
}
