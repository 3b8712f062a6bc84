import { type Engine, engineOf } from "../engine/engine";
import { CliError } from "../errors/cli-error";
import type { Project, SynthesizedStack } from "../inputs/project";
import { noProject, type ProjectFlags, projectOf } from "../inputs/project-options";
import { withoutStacks } from "../inputs/stacks-with-hosts";
import { terminalOf } from "../output/terminal";
import type { Io } from "../process/io";
import { MACHINE_CHECKS } from "./checks/machine/checks";
import { STACK_CHECKS } from "./checks/stack/checks";
import { synthesized } from "./checks/stack/synthesized";
import { type DeclaredStack, declaredStack } from "./declared/declared-stack";
import { examined, exitCodeOf, type Task, taskOf } from "./examination/examination";
import { THIS_MACHINE } from "./examination/subject";
import { jsonReport } from "./reports/json";
import { textReport } from "./reports/text";

/** The options as commander parses them. */
export interface DoctorFlags extends ProjectFlags {
  readonly json?: boolean;
  readonly verbose?: boolean;
}

const MOST_AT_ONCE = 8;
/** Longer than what any check waits for by itself. */
const CHECK_DEADLINE_MS = 180_000;

/**
 * Runs all checks, and writes a report about them.
 *
 * @returns the exit status
 * @throws CliError if there is nothing to look at
 */
export async function doctor(flags: DoctorFlags, io: Io): Promise<number> {
  const { environment } = io;
  const project = projectOf(flags, environment);
  if (project === null) throw noProject(".");
  const here = { environment, engine: engineOf(flags.engine, environment), project, flags };
  const stacks = declaredStacks(here);
  const tasks = [...machineTasks(here, stacks.length), ...stacks.flatMap((stack) => stackTasks(here, stack))];
  const results = await examined(tasks, { atOnce: MOST_AT_ONCE, deadlineMs: CHECK_DEADLINE_MS });
  const terminal = terminalOf(io.stdout, environment);
  io.stdout.write(
    flags.json
      ? jsonReport(results, io.now())
      : textReport(results, { terminal, isVerbose: flags.verbose === true }),
  );
  return exitCodeOf(results);
}

interface Here {
  readonly environment: NodeJS.ProcessEnv;
  readonly engine: Engine;
  readonly project: Project;
  readonly flags: DoctorFlags;
}

interface FoundStack extends SynthesizedStack {
  readonly declared: DeclaredStack | CliError;
}

/** The stacks that are asked for, or else all that use the provider. */
function declaredStacks({ project, flags }: Here): readonly FoundStack[] {
  const given = flags.stack?.map((name) => project.stack(name));
  const stacks = (given ?? project.stacks()).map((stack) => ({ ...stack, declared: readStack(stack) }));
  const found = stacks.filter(
    ({ declared }) =>
      given !== undefined || declared instanceof CliError || declared.providerVersion !== null,
  );
  if (found.length === 0) throw withoutStacks();
  return found;
}

function readStack(stack: SynthesizedStack): DeclaredStack | CliError {
  try {
    return declaredStack(stack);
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
}

function machineTasks({ environment, engine, flags }: Here, stacks: number): Task[] {
  const machine = { environment, engine, directory: flags.project ?? ".", stacks };
  return MACHINE_CHECKS.map((check) => taskOf(check, machine, THIS_MACHINE));
}

function stackTasks({ environment, engine, project }: Here, { declared, ...stack }: FoundStack): Task[] {
  const subject = { ...THIS_MACHINE, stack: stack.name };
  const first = taskOf(synthesized, stack, subject);
  if (declared instanceof CliError) return [first];
  const here = { ...stack, declared, environment, engine, outputDirectory: project.outputDirectory };
  return [first, ...STACK_CHECKS.map((check) => taskOf(check, here, subject))];
}
