import { basename, join } from "node:path";
import type { Engine } from "../test/support/engine";
import { ROOT } from "./child";
import {
  APPLY,
  bareWorkspace,
  checkSameSize,
  domainsOf,
  domainsWorkspace,
  NO_CHANGE_PLAN,
  resourcesOf,
  type Workspace,
} from "./engine";
import { inPairs, timed } from "./pairs";
import { ProcessWatch } from "./process-watch";
import { type BuiltProvider, buildProvider } from "./provider";
import { RECORDED_ANSWERS_VARIABLE } from "./recorded-answers-variable";
import { count, megabytes, type Row, row } from "./report";

/**
 * What a plan without a change costs at least with a provider in Node: one that has its answers from a file, and does
 * nothing else. Next to as many `terraform_data`, and to the real provider.
 */
export async function benchRecordedAnswers(
  engine: Engine,
  directory: string,
  provider: BuiltProvider,
  { resources, times }: { readonly resources: number; readonly times: number },
): Promise<Row[]> {
  const domains = domainsOf(resources);
  const real = await applied(engine, join(directory, "real"), provider, domains);
  const recording = await buildProvider(directory, join(ROOT, "bench/providers/recorded-answers.ts"));
  const recorded = await applied(engine, join(directory, "recorded"), recording, domains);
  const theirs = await bareWorkspace(
    engine,
    join(directory, "bare"),
    resourcesOf(domains),
    recorded.stateBytes,
  );
  await theirs.run(APPLY);
  checkSameSize(recorded.stateBytes, theirs.stateBytes);

  process.env[RECORDED_ANSWERS_VARIABLE] = join(directory, "answers");
  // Twice: the second records what was asked in another order.
  for (let count = 0; count < 2; count++) await recorded.run(NO_CHANGE_PLAN);
  const plan = ({ run }: Workspace) => timed(() => run(NO_CHANGE_PLAN));
  const plans = await inPairs(
    times,
    () => plan(recorded),
    () => plan(theirs),
  );
  const both = await inPairs(
    times,
    () => plan(real),
    () => plan(recorded),
  );
  const processor = await inPairs(
    times,
    () => processorTime(real, provider),
    () => processorTime(recorded, recording),
  );
  delete process.env[RECORDED_ANSWERS_VARIABLE];
  const title = `${count(resourcesOf(domains))} resources, answered from a file`;
  const bare = `as many \`terraform_data\`, ${megabytes(theirs.stateBytes)} of state`;
  return [
    row(`Plan of ${title}`, plans, bare),
    row("… the real provider", both, "answered from a file"),
    row("… its processor time", processor, "answered from a file"),
  ];
}

async function applied(
  engine: Engine,
  directory: string,
  provider: BuiltProvider,
  domains: number,
): Promise<Workspace> {
  const applying = await domainsWorkspace(engine, join(directory, "stack"), provider, {
    domains,
    root: join(directory, "root"),
  });
  await applying.run(APPLY);
  return applying;
}

/** Of all starts of the provider in one plan, in milliseconds. */
async function processorTime({ run }: Workspace, { file }: BuiltProvider): Promise<number> {
  const { cpuMilliseconds } = await run(NO_CHANGE_PLAN, (pid) => new ProcessWatch(pid, basename(file)));
  return cpuMilliseconds;
}
