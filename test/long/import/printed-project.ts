import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programOf } from "../../cli/import/support/imported";
import { Project } from "../../docs/support/project";
import { typeErrors } from "../../docs/support/type-check";
import { type Engine, runEngine } from "../../support/engine";
import { EngineReport } from "../../support/engine-report";
import { writeProvider } from "../../support/stack-project";

/** A project whose program is one that `mail-sni import` has printed, with the provider as its sources are now. */
export class PrintedProject {
  static async create(engine: Engine, environment: Readonly<Record<string, string>>) {
    const place = mkdtempSync(join(tmpdir(), "mail-sni-printed-"));
    const provider = join(place, "provider");
    await writeProvider(provider);
    return new PrintedProject(engine, environment, place, new Project({}, provider));
  }

  #initialised = false;

  private constructor(
    private readonly engine: Engine,
    private readonly environment: Readonly<Record<string, string>>,
    /** A directory of its own, for files that the program names. */
    readonly place: string,
    private readonly project: Project,
  ) {}

  /** Checks the types of the program, and synthesizes. @throws Error with what the compiler says */
  synth(program: string): void {
    const printed = programOf(program);
    const errors = typeErrors([printed]);
    if (errors.length > 0) throw new Error(errors.join("\n"));
    this.project.run(printed);
    this.#initialised = false;
  }

  /** Exit code 0 if there is nothing to change, 2 if there is. */
  plan(): Promise<EngineReport> {
    return this.#report(["plan", "-detailed-exitcode"], {});
  }

  /** @param more of its environment */
  apply(more: Readonly<Record<string, string>> = {}): Promise<EngineReport> {
    return this.#report(["apply", "-auto-approve"], more);
  }

  /** What was deployed stays. */
  remove(): void {
    this.project.remove();
    rmSync(this.place, { recursive: true, force: true });
  }

  /** @throws Error if `init` fails */
  async #report(args: readonly string[], more: Readonly<Record<string, string>>): Promise<EngineReport> {
    const env = { ...this.environment, ...more };
    const directory = join(this.project.directory, "cdktf.out/stacks/mail");
    const run = (words: readonly string[]) => runEngine(this.engine, directory, words, { env });
    if (!this.#initialised) {
      const { exitCode, output } = await run(["init"]);
      if (exitCode !== 0) throw new Error(output);
      this.#initialised = true;
    }
    return new EngineReport(await run(args));
  }
}
