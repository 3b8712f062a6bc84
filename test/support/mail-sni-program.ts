import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { bundleCli } from "../../build/cli-bundle";

const ROOT = resolve(__dirname, "../..");

export interface ProgramRun {
  /** Null if a signal ended it. */
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunningProgram {
  readonly process: ChildProcess;
  readonly finished: Promise<ProgramRun>;
}

/** The command `mail-sni` as it is packed, which runs in a process of its own. */
export class MailSniProgram {
  static async build(): Promise<MailSniProgram> {
    const { content } = await bundleCli(ROOT);
    const directory = mkdtempSync(join(tmpdir(), "mail-sni-program-"));
    writeFileSync(join(directory, "mail-sni"), content, { mode: 0o755 });
    return new MailSniProgram(directory);
  }

  private constructor(private readonly directory: string) {}

  /** Where it is. */
  get path(): string {
    return join(this.directory, "mail-sni");
  }

  run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<ProgramRun> {
    return this.start(args, environment).finished;
  }

  /** For tests that end it. */
  start(args: readonly string[], environment: NodeJS.ProcessEnv): RunningProgram {
    const child = spawn(this.path, args, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
    let [out, err] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text) => {
      out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      err += text;
    });
    const finished = once(child, "close").then(([exitCode]) => ({ exitCode, out, err }));
    return { process: child, finished };
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
