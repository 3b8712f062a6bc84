import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { lastLines } from "./commands";

const START_DEADLINE_MS = 30_000;

/** A daemon in a root directory of its own, with a directory for everything that it reads and writes. */
export class ChrootDaemon {
  /** As the daemon sees it. */
  readonly directory: string;
  #process: ChildProcess | undefined;
  readonly #killOnExit = () => this.#signalAll("SIGKILL");

  constructor(
    private readonly root: string,
    name: string,
  ) {
    const path = mkdtempSync(join(root, tmpdir(), `mail-sni-${name}-`));
    // Its processes of lesser rights have to get in.
    chmodSync(path, 0o755);
    this.directory = path.slice(root.length);
  }

  /** Where a file of the directory is on this machine. */
  path(name: string): string {
    return join(this.root, this.directory, name);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  /** A command in its root directory. */
  command(...command: readonly string[]): [string, ...string[]] {
    return ["chroot", this.root, ...command];
  }

  /**
   * Starts it in the foreground, and returns when something greets on a port.
   *
   * @throws Error with what it said, where it does not come up
   */
  async start(command: readonly string[], port: number): Promise<void> {
    const said = openSync(this.path("said.log"), "w");
    const [program, ...args] = this.command(...command);
    // A process group of its own, so that it can be ended with all its children.
    const child = spawn(program, args, { stdio: ["ignore", said, said], detached: true });
    closeSync(said);
    this.#process = child;
    process.once("exit", this.#killOnExit);
    for (const deadline = Date.now() + START_DEADLINE_MS; !(await greets(port)); await delay(50)) {
      if (child.exitCode === null && Date.now() < deadline) continue;
      throw new Error(`${program} did not start:\n${lastLines(readFileSync(this.path("said.log"), "utf8"))}`);
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (child && child.exitCode === null && child.signalCode === null) {
      const exited = once(child, "exit");
      this.#signalAll("SIGKILL");
      await exited;
    }
    process.off("exit", this.#killOnExit);
    rmSync(join(this.root, this.directory), { recursive: true, force: true });
  }

  #signalAll(signal: NodeJS.Signals): void {
    const pid = this.#process?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // It has ended meanwhile.
    }
  }
}

function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    const answer = (greeted: boolean) => {
      socket.destroy();
      resolve(greeted);
    };
    socket.setTimeout(2000, () => answer(false));
    socket.once("data", () => answer(true)).once("error", () => answer(false));
    socket.once("close", () => answer(false));
  });
}
