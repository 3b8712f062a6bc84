import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../test/support/commands";
import { type Engine, runEngine } from "../test/support/engine";
import { ROOT } from "./child";
import { APPLY, domainsOf, domainsWorkspace, NO_CHANGE_PLAN, resourcesOf } from "./engine";
import { MeasuredProgram } from "./measured-program";
import { inPairs } from "./pairs";
import type { BuiltProvider } from "./provider";
import { count, type Row, row } from "./report";

const MOST_TIMES_OF_PLAN = 1.2;

/**
 * The processor time that `mail-sni renew` takes if nothing is due, its engine included, next to the engine's plan, which is most
 * of it. Hosts are not asked.
 */
export async function benchRenew(
  engine: Engine,
  directory: string,
  provider: BuiltProvider,
  { resources, times }: { readonly resources: number; readonly times: number },
): Promise<Row[]> {
  const domains = domainsOf(resources);
  const output = join(directory, "cdktf.out");
  const { run, directory: stack } = await domainsWorkspace(engine, output, provider, {
    domains,
    root: join(directory, "root"),
  });
  await run(APPLY);
  writeFileSync(join(directory, "cdktf.json"), "{}");
  const command = new MeasuredProgram(directory, "mail-sni", join(ROOT, "dist/cli/mail-sni.cjs"));
  const renew = () => command.milliseconds(() => renewNothing(command.path, engine, directory));
  const measured = new MeasuredProgram(directory, "engine", engine.executable);
  const plan = () =>
    measured.milliseconds(() => planNothing({ ...engine, executable: measured.path }, stack));
  await inPairs(1, renew, plan);
  const comparison = await inPairs(times, renew, plan);
  const title = `Processor time of mail-sni renew of ${count(resourcesOf(domains))} resources with nothing due`;
  return [row(title, comparison, "the engine's plan", MOST_TIMES_OF_PLAN)];
}

async function planNothing(engine: Engine, stack: string): Promise<void> {
  const { exitCode, output } = await runEngine(engine, stack, NO_CHANGE_PLAN);
  if (exitCode !== 0) throw new Error(`${engine.name} plan ended with ${exitCode}:\n${output}`);
}

/** Runs the command as it is packed. */
async function renewNothing(program: string, engine: Engine, directory: string): Promise<void> {
  const args = ["renew", "--project", directory, "--engine", engine.executable, "--no-verify"];
  const configuration = join(directory, "empty.tfrc");
  writeFileSync(configuration, "");
  const env = { TF_CLI_CONFIG_FILE: configuration };
  const { exitCode, stdout, stderr } = await runCommand([program, ...args], { env });
  if (exitCode !== 0 || !stdout.includes("no renewal is due")) {
    throw new Error(`mail-sni renew ended with ${exitCode}:\n${stdout}${stderr}`);
  }
}
