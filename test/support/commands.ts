import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Where system programs are that a user's PATH may lack. */
const SYSTEM_DIRECTORIES = ["/usr/sbin", "/sbin"];

/** The absolute path of a program on this machine, as a shell would find it. */
export function findCommand(name: string): string | null {
  for (const directory of [...(process.env.PATH ?? "").split(delimiter), ...SYSTEM_DIRECTORIES]) {
    const candidate = join(directory, name);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not here: the next directory.
    }
  }
  return null;
}

export interface CommandOptions {
  readonly cwd?: string;
  /** Added to, or replacing, the environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** Called with what the command prints, as it comes. */
  readonly onOutput?: (text: string) => void;
}

export interface CommandResult {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, with nothing on its standard input. A failure is a result, never thrown. */
export function runCommand(
  [program, ...args]: readonly [string, ...string[]],
  { cwd, env, timeoutMs, onOutput = () => {} }: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: timeoutMs,
    });
    const stdout: string[] = [];
    const stderr: string[] = [];
    for (const [stream, chunks] of [
      [child.stdout, stdout],
      [child.stderr, stderr],
    ] as const) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        chunks.push(text);
        onOutput(text);
      });
    }
    child.once("error", (error) => resolve({ exitCode: null, stdout: "", stderr: error.message }));
    child.once("close", (exitCode) =>
      resolve({ exitCode, stdout: stdout.join(""), stderr: stderr.join("") }),
    );
  });
}

/** Runs a program that has to succeed. @throws Error with the last lines of what it printed */
export async function mustRun(
  command: readonly [string, ...string[]],
  options?: CommandOptions,
): Promise<CommandResult> {
  const result = await runCommand(command, options);
  if (result.exitCode === 0) return result;
  const end = result.exitCode === null ? "was ended" : `ended with exit status ${result.exitCode}`;
  throw new Error(`${command.join(" ")} ${end}\n${lastLines(result.stdout + result.stderr)}`);
}

export function lastLines(text: string, count = 20): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}
