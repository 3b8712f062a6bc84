import { PUBLIC_FACTS_OUTPUT } from "../../shared/public-facts-output";
import { engineOf } from "../engine/engine";
import { engineOutput } from "../engine/output";
import { CliError, type CliErrorCode } from "../errors/cli-error";
import type { Project } from "./project";
import { noProject, type ProjectFlags } from "./project-options";
import { type PublicFacts, parsePublicFacts, readPublicFacts } from "./public-facts";

/** Reads the public facts of stacks, from a file or from the engine. */
export class FactsSource {
  readonly #file: PublicFacts | undefined;

  /** @throws CliError `CLI_FACTS_UNREADABLE`, `CLI_FACTS_INVALID` */
  constructor(
    private readonly flags: ProjectFlags,
    private readonly project: Project | null,
    private readonly environment: NodeJS.ProcessEnv,
  ) {
    this.#file = typeof flags.facts === "string" ? readPublicFacts(flags.facts) : undefined;
  }

  /**
   * @throws CliError those of {@link engineOutput} and {@link Project.stack}, and `CLI_PROJECT_MISSING`,
   * `CLI_FACTS_INVALID`
   */
  async of(stack: string): Promise<PublicFacts> {
    if (this.#file !== undefined) return this.#file;
    if (this.project === null) throw noProject(".");
    const { directory } = this.project.stack(stack);
    const engine = engineOf(this.flags.engine, this.environment);
    const options = { directory, output: PUBLIC_FACTS_OUTPUT, environment: this.environment };
    return parsePublicFacts(await engineOutput(engine, options), `What ${engine.executable} writes`);
  }

  /** Whether an error of {@link of} means that this machine has no access to the state, as is common for monitoring. */
  isWithoutAccess(error: unknown): error is CliError {
    if (!(error instanceof CliError)) return false;
    const isEngineChosen = this.flags.engine !== undefined;
    return WITHOUT_ACCESS.includes(error.code) && !(isEngineChosen && error.code === "CLI_ENGINE_MISSING");
  }
}

const WITHOUT_ACCESS: readonly CliErrorCode[] = [
  "CLI_PROJECT_MISSING",
  "CLI_NOT_SYNTHESIZED",
  "CLI_STACK_UNKNOWN",
  "CLI_ENGINE_MISSING",
  "CLI_ENGINE_FAILED",
  "CLI_NOT_DEPLOYED",
];
