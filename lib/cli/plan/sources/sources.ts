import { printableLine } from "../../../shared/text/printable";
import { engineOf } from "../../engine/engine";
import { CliError } from "../../errors/cli-error";
import type { Project } from "../../inputs/project";
import { noProject, projectOf } from "../../inputs/project-options";
import { stacksWithHosts } from "../../inputs/stacks-with-hosts";
import { stacksOf } from "../../inputs/table";
import { Progress } from "../../output/progress";
import { terminalOf } from "../../output/terminal";
import type { Io } from "../../process/io";
import { withPrivateDirectory } from "../../process/private-directory";
import type { FailedStack, PlannedStack, Tables } from "../changes/planned-stack";
import type { PlanFlags } from "../options/flags";
import { newPlan, type StackSource } from "./new-plan";
import { ruleFindings } from "./rule-findings";
import { readSavedPlan } from "./saved-plan";
import type { StackEngine } from "./stack-engine";

/** The plans of the stacks that the options name. One that fails does not keep the others from being planned. */
export async function plannedStacks(
  flags: PlanFlags,
  tables: Tables | null,
  io: Io,
): Promise<(PlannedStack | FailedStack)[]> {
  const project = projectOf(flags, io.environment);
  const stacks = stacksAsked(flags, project);
  const source = new PlanSource(flags, project, io);
  const gone = flags.stack === undefined && flags.saved === undefined ? goneStacks(project, tables) : [];
  return withPrivateDirectory(async (directory) => {
    const planned: (PlannedStack | FailedStack)[] = [];
    // One after another: an engine takes all cores, and the hosts serve a plan at a time.
    for (const [index, stack] of stacks.entries()) {
      const title = `Plan of stack ${printableLine(stack)} (${index + 1} of ${stacks.length})`;
      planned.push(await source.of(stack, title, () => directory.file(`stack-${index}.tfplan`)));
    }
    return [...planned, ...gone];
  });
}

/** Makes the plan of a stack, or reads the one that was saved. */
class PlanSource {
  readonly #findings: ReturnType<typeof ruleFindings>;
  readonly #progress: Progress;
  /** Of the engine's runs. Without any, a signal ends the process, which may be waiting for a pipe. */
  #signal: AbortSignal | undefined;

  constructor(
    private readonly flags: PlanFlags,
    private readonly project: Project | null,
    private readonly io: Io,
  ) {
    this.#findings = project === null ? new Map() : ruleFindings(project);
    const { stderr, environment } = io;
    this.#progress = new Progress(terminalOf(stderr, environment), (text) => void stderr.write(text));
  }

  /** @param title what a terminal shows meanwhile */
  async of(stack: string, title: string, fileOf: () => string): Promise<PlannedStack | FailedStack> {
    const findings = this.#findings.get(stack) ?? [];
    try {
      const planned = await this.#progress.during(title, () => this.#planned(stack, fileOf));
      return { ...planned, findings };
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      this.io.stderr.write(`mail-sni: ${error.message}\n`);
      return { stack, problem: error.message, diagnostics: [], findings };
    }
  }

  async #planned(stack: string, fileOf: () => string): Promise<StackSource> {
    const saved = this.flags.saved?.find((one) => one.stack === stack);
    if (saved !== undefined) {
      return { stack, plan: await readSavedPlan(saved, () => this.#engineOf(stack)), diagnostics: [] };
    }
    const { refresh } = this.flags;
    return newPlan({ ...this.#engineOf(stack), stack, file: fileOf(), refresh });
  }

  #engineOf(stack: string): StackEngine {
    if (this.project === null) throw noProject(".");
    const { directory } = this.project.stack(stack);
    const { environment } = this.io;
    this.#signal ??= this.io.interruption();
    return {
      engine: engineOf(this.flags.engine, environment),
      directory,
      environment,
      signal: this.#signal,
    };
  }
}

/** Those with a saved plan, and those of `--stack`; or else all that have mail hosts. */
function stacksAsked(
  { stack = [], saved = [], table }: PlanFlags,
  project: Project | null,
): readonly string[] {
  const given = [...saved.map((one) => one.stack), ...stack];
  if (given.length > 0) return [...new Set(given)];
  if (project === null) throw noProject(".");
  return stacksWithHosts(project, table);
}

/** Stacks of the target branch that the project no longer has. Nothing plans or destroys what they have made. */
function goneStacks(project: Project | null, tables: Tables | null): FailedStack[] {
  if (project === null || tables === null) return [];
  const known = new Set(project.stacks().map(({ name }) => name));
  return stacksOf(tables.before)
    .filter((stack) => !known.has(stack))
    .map((stack) => ({
      stack,
      problem:
        "The project no longer has this stack, so no deploy plans or destroys what it has made. Destroy it before the change is merged.",
      diagnostics: [],
      findings: [],
    }));
}
