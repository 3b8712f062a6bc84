import type { SniTableDocument } from "../../shared/sni-table/document";
import { engineOf } from "../engine/engine";
import type { Project, SynthesizedStack } from "../inputs/project";
import { noProject, projectOf } from "../inputs/project-options";
import type { PublicFacts } from "../inputs/public-facts";
import { trustedRoots } from "../inputs/root-options";
import { FactsSource } from "../inputs/stack-facts";
import { stacksWithHosts } from "../inputs/stacks-with-hosts";
import { disabledTable, readTable } from "../inputs/table";
import { EXIT } from "../process/exit-code";
import type { Io } from "../process/io";
import { TrustStore } from "../verify/chain/trust-store";
import { checkStateOfCopy, deployedCopy } from "./deployed-copy";
import type { RenewFlags } from "./flags";
import type { FactsReading, StackRun } from "./outcome/stack-run";
import { skipped, type Verification } from "./outcome/verification";
import type { ProblemOf } from "./problem";
import { renewStack, stoppedRun } from "./stack-renewal";
import { verifyStack } from "./verify-stack";

/**
 * Runs the stacks one after another, and writes no report. Whatever error one of them ends with, the others are run.
 *
 * @throws CliError if no stack can be run
 */
export async function renewStacks(
  flags: RenewFlags,
  io: Io,
  problemOf: ProblemOf,
): Promise<readonly StackRun[]> {
  const project = flags.from === undefined ? projectOf(flags, io.environment) : deployedCopy(flags.from);
  if (project === null) throw noProject(".");
  const stacks = stacksAsked(flags, project);
  // What is wrong with the options is said before anything is applied.
  const verify = verifier(flags, project, { io, problemOf });
  const source = new FactsSource(flags, project, io.environment);
  const signal = io.interruption();
  const runs: StackRun[] = [];
  const renewed = (stack: SynthesizedStack) =>
    renewStack(stack, {
      engine: engineOf(flags.engine, io.environment),
      environment: io.environment,
      lockTimeoutSeconds: flags.lockTimeout,
      signal,
      problemOf,
      check: () => checkState(flags, stack),
      facts: () => readFacts(source, stack.name, problemOf),
      verify: (facts) => verify(stack.name, facts),
    });
  // A stack that was not run is in the report too: without it, all would seem well.
  for (const stack of stacks) runs.push(signal.aborted ? stoppedRun(stack.name) : await renewed(stack));
  return runs;
}

function stacksAsked(flags: RenewFlags, project: Project): readonly SynthesizedStack[] {
  const names = flags.stack ?? stacksWithHosts(project, flags.table);
  return names.map((name) => project.stack(name));
}

/** @throws CliError `CLI_STATE_COPIED`, `CLI_PROJECT_INVALID` */
function checkState({ from }: RenewFlags, stack: SynthesizedStack): void {
  if (from !== undefined) checkStateOfCopy(stack, from);
}

async function readFacts(source: FactsSource, stack: string, problemOf: ProblemOf): Promise<FactsReading> {
  try {
    return { facts: await source.of(stack), factsProblem: null };
  } catch (error) {
    return { facts: null, factsProblem: problemOf(error) };
  }
}

type Verify = (stack: string, facts: PublicFacts | null) => Promise<Verification>;

/** @throws CliError `CLI_CA_UNREADABLE` */
function verifier(
  flags: RenewFlags,
  project: Project,
  { io, problemOf }: { readonly io: Io; readonly problemOf: ProblemOf },
): Verify {
  if (!flags.verify) return async () => skipped("--no-verify");
  const trust = new TrustStore(trustedRoots(flags));
  return async (stack, facts) => {
    try {
      const table = tableOf(flags, project);
      return await verifyStack(stack, facts, { project, table, trust, at: io.now() });
    } catch (error) {
      return skipped(problemOf(error), EXIT.NOT_CHECKED);
    }
  };
}

/** @throws CliError `CLI_TABLE_MISSING`, `CLI_TABLE_INVALID` */
function tableOf({ table }: RenewFlags, project: Project): SniTableDocument {
  const path = table ?? project.tablePath;
  if (path === null) throw disabledTable();
  return readTable(path);
}
