import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { QmailOptions } from "./server";

export interface QmailProcessOptions extends QmailOptions {
  /** Whose rights it has, as tcpserver gives them. Needs root. @default those of the tests */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

export interface QmailProcess {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts a server as a child process, which ends with this one at the latest. */
export async function spawnQmail(options: QmailProcessOptions): Promise<QmailProcess> {
  const program = ["--import", "tsx", join(__dirname, "main.ts"), JSON.stringify(options)];
  const child = spawn(process.execPath, program, {
    cwd: join(__dirname, "../../.."),
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const started = once(child.stdout.setEncoding("utf8"), "data");
  const failed = exited.then(([status]) => {
    throw new Error(`the qmail stand-in ended with exit status ${status} instead of starting`);
  });
  const [port] = (await Promise.race([started, failed])) as [string];
  failed.catch(() => {});
  return {
    port: Number(port),
    async stop() {
      child.stdin.end();
      await exited;
    },
  };
}
