import { type SpawnOptions, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { createInterface } from "node:readline";
import { App } from "cdktf";
import { QuickstartStack } from "../quickstart";
import { cdktfProblem } from "./cdktf-command";
import { type Engine, findEngine } from "./engine";
import { listHost } from "./host-listing";

/**
 * `npm run quickstart`: deploys the stack `quickstart`, through `cdktf deploy` where that can start, else with the engine
 * itself. Then shows what there is on the host, who is served what, and that there is nothing left to do.
 */
async function main(): Promise<void> {
  const engine = findEngine();
  closeStateDirectory();
  heading(`Deploying the stack "quickstart" with ${engine.command} ${engine.version}`);
  await run(process.execPath, ["--import", "tsx", "build/provider.ts"]);
  const problem = cdktfProblem(ROOT);
  if (problem === null) await deployWithCdktf(engine);
  else {
    console.log(`${problem}. What it would run is run directly:`);
    await deployWithEngine(engine);
  }
  heading("Written below out/mx1");
  process.stdout.write(listHost("out/mx1"));
  heading("Which certificate each name is presented");
  process.stdout.write(whoIsServedWhat());
  await showNothingIsLeft(engine);
}

const ROOT = resolve(__dirname, "../..");
/** Where the stack is synthesized: the engine is run there. */
const STACK = join(ROOT, "cdktf.out/stacks/quickstart");

/** The state holds private keys, and the engine would let every user read it. */
function closeStateDirectory(): void {
  const directory = join(ROOT, "state");
  mkdirSync(directory, { recursive: true });
  chmodSync(directory, 0o700);
}

async function deployWithCdktf({ command }: Engine): Promise<void> {
  const plan = new PlanFilter();
  await run(join(ROOT, "node_modules/.bin/cdktf"), ["deploy", "quickstart", "--auto-approve", "--no-color"], {
    env: { ...process.env, TERRAFORM_BINARY_NAME: command, CHECKPOINT_DISABLE: "1", CI: "1" },
    print: (line) => plan.passes(line),
  });
}

/** What `cdktf deploy` does, each step on a line that a person can run as well. */
async function deployWithEngine({ command }: Engine): Promise<void> {
  const { app } = JSON.parse(readFileSync(join(ROOT, "cdktf.json"), "utf8"));
  console.log(`  ${app}`);
  await run("sh", ["-c", app]);
  const env = { ...process.env, CHECKPOINT_DISABLE: "1" };
  console.log(`  cd ${relative(ROOT, STACK)}`);
  console.log(`  ${command} init`);
  await run(command, ["init", "-input=false", "-no-color"], { cwd: STACK, env, print: () => false });
  console.log(`  ${command} apply`);
  const plan = new PlanFilter();
  await run(command, ["apply", "-auto-approve", "-input=false", "-no-color"], {
    cwd: STACK,
    env,
    print: (line) => plan.passes(line),
  });
}

/** Of what a deploy prints, leaves out the plan's details: the next commands show their outcome. */
class PlanFilter {
  private isWithin = false;

  passes(line: string): boolean {
    if (/will perform the following actions/.test(line)) this.isWithin = true;
    if (/^\s*Plan: /.test(line)) this.isWithin = false;
    return !this.isWithin && line.trim() !== "";
  }
}

function whoIsServedWhat(): string {
  const outdir = mkdtempSync(join(tmpdir(), "quickstart-"));
  try {
    return new QuickstartStack(new App({ outdir }), "quickstart").sni.table().toString();
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

async function showNothingIsLeft({ command }: Engine): Promise<void> {
  const status = await run(command, ["plan", "-detailed-exitcode", "-input=false", "-no-color"], {
    cwd: STACK,
    env: { ...process.env, CHECKPOINT_DISABLE: "1" },
    print: () => false,
    expected: [0, 2],
  });
  heading(status === 0 ? "A second run would change nothing" : "A second run would change something");
  console.log(
    status === 0
      ? "Edit stacks/domains.txt, or a file below out/, and run it again: only that is put right."
      : `See what by running \`${command} plan\` in ${relative(ROOT, STACK)}.`,
  );
}

interface RunOptions extends Pick<SpawnOptions, "cwd" | "env"> {
  /** Whether a line of its output is shown as it comes. @default all are */
  readonly print?: (line: string) => boolean;
  /** Exit statuses that are no failure. @default 0 */
  readonly expected?: readonly number[];
}

/** Runs a program whose output is shown, in parts at first and all of it if it fails. */
function run(command: string, args: string[], options: RunOptions = {}): Promise<number> {
  const { print = () => true, expected = [0], cwd = ROOT, env } = options;
  return new Promise((resolve, reject) => {
    // Not a terminal: programs that draw there print lines instead.
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const lines: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on("line", (line) => {
        lines.push(line);
        if (print(line)) console.log(line);
      });
    }
    child.once("error", reject);
    child.once("close", (status) => {
      if (status !== null && expected.includes(status)) return resolve(status);
      reject(
        new Error(`${lines.join("\n")}\n\`${command} ${args.join(" ")}\` failed (exit status ${status}).`),
      );
    });
  });
}

function heading(text: string): void {
  console.log(`\n== ${text}`);
}

process.chdir(ROOT);
main().catch((error: Error) => {
  console.error(`\n${error.message}`);
  process.exitCode = 1;
});
