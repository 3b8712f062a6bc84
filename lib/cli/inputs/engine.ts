import { type ChildProcessByStdio, spawn } from "node:child_process";
import { statSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import type { Readable } from "node:stream";
import { CliError } from "../errors/cli-error";
import { executableIn } from "./executable";

/** A Terraform or OpenTofu executable. */
export interface Engine {
  /** A command of the `PATH`, or an absolute path. */
  readonly executable: string;
  /** Whether the user has chosen it; otherwise it is cdktf's default. */
  readonly isChosen: boolean;
}

const DEADLINE_MS = 120_000;
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;
/** Only the end of standard error is kept: if the engine also writes a log there, the error comes last. */
const MOST_COMPLAINT_CHARACTERS = 64 * 1024;
const MOST_SHOWN_CHARACTERS = 300;

/**
 * The engine to run: what `--engine` names, or what cdktf runs.
 *
 * @param given `--engine`: a command or a path, relative to the working directory
 */
export function engineOf(given: string | undefined, environment: NodeJS.ProcessEnv): Engine {
  const named = given ?? environment.TERRAFORM_BINARY_NAME ?? "";
  const name = named === "" ? "terraform" : named;
  return { executable: name.includes("/") ? resolve(name) : name, isChosen: given !== undefined };
}

/**
 * The value of one output, as the engine's `output -json NAME` writes it. Does not read other outputs, which may be
 * sensitive. No provider is started and no state is locked.
 *
 * @param directory of the stack
 * @throws CliError `CLI_NOT_SYNTHESIZED`, `CLI_ENGINE_MISSING`, `CLI_ENGINE_FAILED`, `CLI_NOT_DEPLOYED`
 */
export async function engineOutput(
  { executable }: Engine,
  { directory, output, environment, deadlineMs = DEADLINE_MS }: EngineOutputOptions,
): Promise<string> {
  // Node.js would report it as an engine that is missing.
  if (!isDirectory(directory)) throw withoutDirectory(directory);
  const program = isAbsolute(executable) ? executable : executableIn(environment.PATH ?? "", executable);
  if (program === null) throw notInPath(executable);
  return new Promise((done, reject) => {
    const child = started(program, directory, ["output", "-no-color", "-json", output], environment);
    const give = (end: () => void) => {
      clearTimeout(timer);
      // Child processes of the engine may keep the pipes open.
      for (const stream of [child.stdout, child.stderr]) stream.destroy();
      end();
    };
    const stop = (problem: string) => {
      child.kill("SIGKILL");
      give(() => reject(failed(executable, directory, problem)));
    };
    const timer = setTimeout(() => stop(`took longer than ${deadlineMs / 1000} seconds`), deadlineMs);
    const chunks: Buffer[] = [];
    let bytes = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MOST_OUTPUT_BYTES) stop(`wrote more than ${MOST_OUTPUT_BYTES} bytes`);
    });
    let complaint = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint = (complaint + text).slice(-MOST_COMPLAINT_CHARACTERS);
    });
    child.once("error", (error) => give(() => reject(missing(executable, directory, error))));
    child.once("close", (exitCode) =>
      give(() => {
        if (exitCode === 0) done(Buffer.concat(chunks).toString("utf8"));
        else reject(refusal(executable, directory, output, complaint));
      }),
    );
  });
}

/** @throws CliError `CLI_ENGINE_MISSING` for what Node.js throws at once; the rest is an event of the process */
function started(
  program: string,
  directory: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): ChildProcessByStdio<null, Readable, Readable> {
  try {
    return spawn(program, args, {
      cwd: directory,
      env: { ...environment, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1", TF_INPUT: "0" },
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (error) {
    throw missing(program, directory, error as Error);
  }
}

export interface EngineOutputOptions {
  readonly directory: string;
  readonly output: string;
  readonly environment: NodeJS.ProcessEnv;
  /** @default 120000: a remote state may be slow */
  readonly deadlineMs?: number;
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    // Whatever keeps this from reading it keeps the engine from starting there, which says so.
    return true;
  }
}

function withoutDirectory(directory: string): CliError {
  return new CliError(
    "CLI_NOT_SYNTHESIZED",
    `There is no directory ${directory}.`,
    "Run cdktf synth, and terraform init in the stack's directory.",
  );
}

const NAME_AN_ENGINE =
  "Give --engine tofu, or the path of the engine; or set TERRAFORM_BINARY_NAME, as for cdktf.";

function missing(executable: string, directory: string, error: Error): CliError {
  return new CliError(
    "CLI_ENGINE_MISSING",
    `${executable} cannot be run in ${directory}: ${error.message}.`,
    NAME_AN_ENGINE,
  );
}

function notInPath(executable: string): CliError {
  return new CliError(
    "CLI_ENGINE_MISSING",
    `${executable} is in no directory of PATH; relative directories are left out.`,
    NAME_AN_ENGINE,
  );
}

function refusal(executable: string, directory: string, output: string, complaint: string): CliError {
  if (complaint.includes(`Output "${output}" not found`)) {
    return new CliError(
      "CLI_NOT_DEPLOYED",
      `The state of ${directory} has no output ${output}.`,
      "Run cdktf deploy once, with this release.",
    );
  }
  return failed(executable, directory, `says: ${errorIn(complaint)}`);
}

function failed(executable: string, directory: string, problem: string): CliError {
  return new CliError(
    "CLI_ENGINE_FAILED",
    `${executable} output, in ${directory}, ${problem}.`,
    "Run it there yourself; it may need terraform init, or access to the state.",
  );
}

/** The first line of the engine's error, without the frame around it. */
function errorIn(complaint: string): string {
  const lines = complaint.split("\n").map((line) => line.replace(/^[│╷╵\s]+/, "").trim());
  const line = lines.find((one) => one.startsWith("Error: ")) ?? lines.findLast((one) => one !== "");
  const text = (line ?? "nothing").replace(/^Error: /, "").replace(/\.$/, "");
  return text.length > MOST_SHOWN_CHARACTERS ? `${text.slice(0, MOST_SHOWN_CHARACTERS - 1)}…` : text;
}
