import { mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { type Engine, startEngine } from "../test/support/engine";
import { runApp } from "./child";
import { inPairs, timed } from "./pairs";
import { ProcessWatch, type Usage } from "./process-watch";
import type { BuiltProvider } from "./provider";
import { count, kilobytes, megabytes, type Row, row } from "./report";

export const APPLY = ["apply", "-auto-approve", "-input=false"];
/** Exits with 2 where anything would change. */
export const NO_CHANGE_PLAN = ["plan", "-detailed-exitcode", "-input=false"];

/** A CA, a certificate and the files of each domain, the host's base and its default. */
export const resourcesOf = (domains: number) => 2 * domains + 3;

export const domainsOf = (resources: number) => Math.round((resources - 3) / 2);

/** Below this number of resources the starts of the provider are much of the time. */
const FEW = 500;

/** How long applying and planning `resources` of ours takes, next to as many `terraform_data` with as much state. */
export async function benchEngine(
  engine: Engine,
  directory: string,
  provider: BuiltProvider,
  { resources, times, memory }: { resources: number; times: number; memory: boolean },
): Promise<Row[]> {
  const domains = domainsOf(resources);
  const root = join(directory, "root");
  const ours = await domainsWorkspace(engine, join(directory, "ours"), provider, { domains, root });
  // The first apply is not counted: it shows how many bytes the other side has to have, and fills caches.
  const watch = (pid: number) => new ProcessWatch(pid, basename(provider.file));
  const { peakBytes } = await ours.run(APPLY, memory ? watch : undefined);
  const total = resourcesOf(domains);
  const theirs = await bareWorkspace(engine, directory, total, ours.stateBytes);

  const applies = await inPairs(
    times,
    () => {
      ours.clear();
      rmSync(root, { recursive: true, force: true });
      return timed(() => ours.run(APPLY));
    },
    () => {
      theirs.clear();
      return timed(() => theirs.run(APPLY));
    },
  );
  const plans = await inPairs(
    2 * times + 1,
    () => timed(() => ours.run(NO_CHANGE_PLAN)),
    () => timed(() => theirs.run(NO_CHANGE_PLAN)),
  );
  checkSameSize(ours.stateBytes, theirs.stateBytes);
  const what = `as many \`terraform_data\`, ${megabytes(theirs.stateBytes)} of state`;
  const title = `${count(total)} resources, ${megabytes(ours.stateBytes)} of state`;
  return [
    row(`Apply of ${title}`, applies, what, total < FEW ? 2 : 1.3),
    row("… plan without a change", plans, "the same", total < FEW ? 5 : 4),
    ...(memory ? [{ measured: "… peak memory of the provider", ours: megabytes(peakBytes) }] : []),
  ];
}

/** What the state holds of one domain with six names on one host, as it is stored. */
export async function benchState(engine: Engine, directory: string, provider: BuiltProvider): Promise<Row[]> {
  const applied = async (domains: number): Promise<State> => {
    const root = join(directory, `root-${domains}`);
    const stack = await domainsWorkspace(engine, join(directory, String(domains)), provider, {
      domains,
      root,
    });
    await stack.run(APPLY);
    return stack.state();
  };
  const [one, eleven] = [await applied(1), await applied(11)];
  const resource = one.resources.find(({ name }) => name.startsWith("d_"));
  if (resource === undefined) throw new Error("The state has no resource of the domain");
  const bytes = storedBytes(resource);
  // The engines keep the type of each value, too.
  const outputBytes = (storedBytes(eleven.outputs) - storedBytes(one.outputs)) / 10;
  return [
    {
      measured: "State of a domain with six names on a host",
      ours: kilobytes(bytes),
      target: { text: "at most 4 KB", met: bytes <= 4e3 },
    },
    { measured: "… its part of the output mail_sni", ours: kilobytes(outputBytes) },
  ];
}

/** The engines indent the whole state by two blanks a level; resources are on the second one. */
function storedBytes(resource: object): number {
  const text = JSON.stringify(resource, null, 2).replaceAll("\n", `\n${" ".repeat(4)}`);
  return Buffer.byteLength(`    ${text},\n`);
}

interface State {
  readonly outputs: object;
  readonly resources: readonly { readonly name: string }[];
}

export interface Workspace {
  /** In which the engine runs. */
  readonly directory: string;
  readonly stateBytes: number;
  state(): State;
  /** As before the first apply. */
  clear(): void;
  /** @returns what `watch` has seen of the processes that the engine starts */
  run(args: readonly string[], watch?: (pid: number) => ProcessWatch): Promise<Usage>;
}

/** A stack that `synth` writes, initialised. */
export async function workspace(
  engine: Engine,
  outdir: string,
  synth: (outdir: string) => Promise<unknown>,
): Promise<Workspace> {
  mkdirSync(outdir, { recursive: true });
  await synth(outdir);
  const directory = join(outdir, "stacks/bench");
  const statePath = join(directory, "terraform.tfstate");
  const run: Workspace["run"] = async (args, watch) => {
    const { process, finished } = startEngine(engine, directory, args);
    const watching = process.pid === undefined ? undefined : watch?.(process.pid);
    const { exitCode, output } = await finished;
    const seen = watching?.stop() ?? { peakBytes: 0, cpuMilliseconds: 0 };
    if (exitCode !== 0)
      throw new Error(`${engine.name} ${args.join(" ")} ended with ${exitCode}:\n${output}`);
    return seen;
  };
  await run(["init", "-input=false"]);
  return {
    directory,
    get stateBytes() {
      return statSync(statePath).size;
    },
    state: () => JSON.parse(readFileSync(statePath, "utf8")),
    clear: () => {
      for (const path of [statePath, `${statePath}.backup`]) rmSync(path, { force: true });
    },
    run,
  };
}

/** A stack of so many mail domains on a host that is a directory, not applied yet. */
export function domainsWorkspace(
  engine: Engine,
  outdir: string,
  provider: BuiltProvider,
  { domains, root }: { readonly domains: number; readonly root: string },
): Promise<Workspace> {
  return workspace(engine, outdir, () =>
    runApp("domains", [outdir, provider.directory, root, String(domains)]),
  );
}

/** A stack of so many `terraform_data`, not applied yet, whose state is to have so many bytes. */
export async function bareWorkspace(
  engine: Engine,
  directory: string,
  resources: number,
  stateBytes: number,
): Promise<Workspace> {
  const inputLength = await inputLengthFor(engine, directory, stateBytes / resources);
  return workspace(engine, join(directory, "theirs"), (outdir) =>
    runApp("bare-resources", [outdir, String(resources), String(inputLength)]),
  );
}

/** How long an input makes a `terraform_data` take so many bytes of the state, which holds it twice. */
async function inputLengthFor(engine: Engine, directory: string, bytesEach: number): Promise<number> {
  const [few, many, inputLength] = [1, 11, 1000];
  const stateOf = async (resources: number) => {
    const probe = await workspace(engine, join(directory, `probe-${resources}`), (outdir) =>
      runApp("bare-resources", [outdir, String(resources), String(inputLength)]),
    );
    await probe.run(APPLY);
    return probe.stateBytes;
  };
  const each = ((await stateOf(many)) - (await stateOf(few))) / (many - few);
  return Math.round((bytesEach - (each - 2 * inputLength)) / 2);
}

/** @throws Error where it would not be the same work */
export function checkSameSize(ours: number, theirs: number): void {
  if (Math.abs(ours / theirs - 1) < 0.02) return;
  throw new Error(
    `The states are not of the same size: ${ours} and ${theirs} bytes. Nothing can be compared.`,
  );
}
