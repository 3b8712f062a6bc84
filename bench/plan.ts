import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../test/support/engine";
import { runApp } from "./child";
import { APPLY, domainsWorkspace } from "./engine";
import { inPairs } from "./pairs";
import { ProcessWatch } from "./process-watch";
import type { BuiltProvider } from "./provider";
import { count, megabytes, type Row, row } from "./report";

const MOST_BYTES = 200e6;
const MOST_RATIO = 0.33;

/**
 * The processor time that the whole command and the reading of a plan of so many resources take, next to that of the engine that writes
 * it.
 */
export async function benchPlan(
  engine: Engine,
  directory: string,
  provider: BuiltProvider,
  { resources, times }: { resources: number; times: number },
): Promise<Row[]> {
  const json = join(directory, "plan.json");
  const { show, table } = await savedPlan(engine, directory, provider, resources);
  await show(json);
  const reports = ["markdown", "html"].flatMap((name) => [`--${name}`, join(directory, `report.${name}`)]);
  const args = ["plan", "--saved", `bench=${json}`, "--table", table, "--base-table", table, ...reports];
  const command = () => runApp("mail-sni", args);
  const { peakBytes: commandBytes } = await command();
  const whole = await inPairs(
    times,
    async () => (await command()).milliseconds,
    () => show(json),
  );
  const read = () => runApp("read-plan", [json]);
  const { output, peakBytes } = await read();
  const changes = Number(/^changes: (\d+)$/m.exec(output)?.[1]);
  if (changes < resources) throw new Error(`${changes} of ${resources} changes were read`);
  const comparison = await inPairs(
    times,
    async () => (await read()).milliseconds,
    () => show(json),
  );
  const size = `a plan of ${count(changes)} resources, ${megabytes(statSync(json).size)} of JSON`;
  const what = `${engine.name} show -json, which writes it`;
  return [
    row(`Processor time of mail-sni plan for ${size}, with all reports`, whole, what, MOST_RATIO),
    memoryRow(commandBytes),
    row(`Processor time to read ${size}`, comparison, what, MOST_RATIO),
    memoryRow(peakBytes),
  ];
}

function memoryRow(bytes: number): Row {
  return {
    measured: "… peak memory of it",
    ours: megabytes(bytes),
    target: { text: "at most 200 MB", met: bytes <= MOST_BYTES },
  };
}

/**
 * A plan of a stack with so many resources, whose state is made of that of two domains: an apply would take half an hour. Every
 * certificate gets another name.
 *
 * @returns what writes the plan as JSON to a file, and gives the milliseconds of processor time; the table of the stack
 */
async function savedPlan(
  engine: Engine,
  directory: string,
  provider: BuiltProvider,
  resources: number,
): Promise<{ readonly show: (json: string) => Promise<number>; readonly table: string }> {
  const root = join(directory, "root");
  mkdirSync(root);
  const stackOf = (name: string, domains: number) =>
    domainsWorkspace(engine, join(directory, name), provider, { domains, root });
  const few = await stackOf("few", 2);
  await few.run(APPLY);
  const domains = Math.ceil(resources / 2);
  const many = await stackOf("many", domains);
  const state = readFileSync(join(few.directory, "terraform.tfstate"), "utf8");
  writeFileSync(join(many.directory, "terraform.tfstate"), multiplied(state, domains));
  const file = join(directory, "plan");
  await many.run(["plan", "-refresh=false", "-input=false", `-out=${file}`]);
  const table = join(directory, "many", "sni-table.json");
  return { show: (json) => shown(engine, many.directory, file, json), table };
}

interface State {
  readonly resources: readonly {
    readonly name: string;
    readonly type: string;
    readonly instances: readonly { readonly attributes: { names?: readonly string[] } }[];
  }[];
}

/** A state with so many domains: the second one, under other names. Each certificate lacks the last name. */
function multiplied(text: string, domains: number): string {
  const state: State = JSON.parse(text);
  const second = state.resources.filter(({ name }) => name.includes("domain2_"));
  const more = Array.from({ length: Math.max(0, domains - 2) }, (_, index) =>
    JSON.parse(JSON.stringify(second).replaceAll("domain2", `domain${index + 3}`)),
  );
  const resources = [...state.resources, ...more.flat()] as State["resources"];
  for (const { type, instances } of resources) {
    const attributes = instances[0]?.attributes;
    if (type === "mailsni_private_certificate" && attributes)
      attributes.names = attributes.names?.slice(0, -1);
  }
  return JSON.stringify({ ...state, resources });
}

async function shown(engine: Engine, directory: string, file: string, json: string): Promise<number> {
  const output = openSync(json, "w");
  const child = spawn(engine.executable, ["show", "-json", file], {
    cwd: directory,
    stdio: ["ignore", output, "inherit"],
  });
  const watch = new ProcessWatch(process.pid, file);
  const [status] = await once(child, "close");
  closeSync(output);
  if (status !== 0) throw new Error(`${engine.name} show ended with ${status}`);
  return watch.stop().cpuMilliseconds;
}
