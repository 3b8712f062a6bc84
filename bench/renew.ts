import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../test/support/commands";
import type { Engine } from "../test/support/engine";
import { ROOT, runApp } from "./child";
import { APPLY, NO_CHANGE_PLAN, workspace } from "./engine";
import { inPairs, timed } from "./pairs";
import type { BuiltProvider } from "./provider";
import { count, type Row, row } from "./report";

const MOST_TIMES_OF_PLAN = 1.2;

/** How long `mail-sni renew` takes if nothing is due, next to the engine's plan, which is most of it. Hosts are not asked. */
export async function benchRenew(
  engine: Engine,
  directory: string,
  provider: BuiltProvider,
  { resources, times }: { readonly resources: number; readonly times: number },
): Promise<Row[]> {
  const domains = Math.round((resources - 3) / 2);
  const output = join(directory, "cdktf.out");
  mkdirSync(output);
  const { run } = await workspace(engine, output, (outdir) =>
    runApp("domains", [outdir, provider.directory, join(directory, "root"), String(domains)]),
  );
  await run(APPLY);
  writeFileSync(join(directory, "cdktf.json"), "{}");
  const renew = () => timed(() => renewNothing(engine, directory));
  const plan = () => timed(() => run(NO_CHANGE_PLAN));
  await inPairs(1, renew, plan);
  const comparison = await inPairs(times, renew, plan);
  const title = `mail-sni renew of ${count(2 * domains + 3)} resources with nothing due`;
  return [row(title, comparison, "the engine's plan", MOST_TIMES_OF_PLAN)];
}

/** Runs the command as it is packed. */
async function renewNothing(engine: Engine, directory: string): Promise<void> {
  const program = join(ROOT, "dist/cli/mail-sni.cjs");
  const args = ["renew", "--project", directory, "--engine", engine.executable, "--no-verify"];
  const configuration = join(directory, "empty.tfrc");
  writeFileSync(configuration, "");
  const env = { TF_CLI_CONFIG_FILE: configuration };
  const { exitCode, stdout, stderr } = await runCommand([program, ...args], { env });
  if (exitCode !== 0 || !stdout.includes("no renewal is due")) {
    throw new Error(`mail-sni renew ended with ${exitCode}:\n${stdout}${stderr}`);
  }
}
