import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { madeOnce } from "../../made-once";
import { signalGroup } from "../../process-group";
import type { SshSettings } from "../ssh-settings";
import { HostUnreachable } from "../unreachable";
import { checkArguments, forwardArguments, jumps, masterArguments, sessionArguments } from "./arguments";
import { connectionProblem, connectionTimeout, isOfUnknownKey } from "./diagnosis";
import { knownHosts } from "./known-hosts";
import { SshLog } from "./log";
import { PrivateDirectory } from "./private-directory";
import { shownKey } from "./shown-key";
import { installedSshVersion, type SshVersion } from "./version";

/** The exit status of an ssh that failed itself, rather than the command that it ran. */
const FAILED = 255;
/** The time that an ssh with a dead connection gets to end. */
const CLOSING_MS = 1000;
const LAST_WORDS_MS = 200;

/**
 * The ssh that opens a connection and shares it (ControlMaster). It ends when its standard input closes, and
 * so with this process, however that ends.
 */
export class Master {
  /**
   * Logs in.
   *
   * @throws {HostUnreachable}
   */
  static async open(settings: SshSettings, loginMs: number, gone: () => void): Promise<Master> {
    const keys = settings.hostKeys === null ? null : knownHosts(settings.hostKeys, jumps(settings));
    const version = await installedSshVersion();
    const master = new Master(settings, new PrivateDirectory(keys), version, gone);
    try {
      await master.#loggedIn(loginMs);
      return master;
    } catch (error) {
      await master.close();
      throw error;
    }
  }

  readonly #process: ChildProcess & { readonly stdin: Writable; readonly stderr: Readable };
  readonly #log = new SshLog();
  readonly #ended: Promise<Error | null>;
  /** Sockets by what they lead to. */
  readonly #forwardings = new Map<string, Promise<string>>();
  /** Whether a shell has ended in a way that may be a fault of the connection. */
  #isDoubtful = false;

  private constructor(
    private readonly settings: SshSettings,
    private readonly directory: PrivateDirectory,
    version: SshVersion | null,
    gone: () => void,
  ) {
    this.#process = spawn("ssh", masterArguments(settings, directory, version), {
      stdio: ["pipe", "ignore", "pipe"],
      // Ctrl-C reaches the whole process group, but a running change has to finish first.
      detached: true,
    });
    this.#process.stdin.on("error", () => {});
    this.#process.stderr.setEncoding("utf8");
    this.#process.stderr.on("data", (text: string) => this.#log.read(text));
    this.#ended = end(this.#process);
    this.#ended.then(() => {
      directory.remove();
      gone();
    });
  }

  /**
   * Whether the connection can still be shared, as far as is known here. One that has just broken off may
   * still be ending.
   */
  async isUsable(): Promise<boolean> {
    if (!this.#isDoubtful) return true;
    const [status] = await once(this.#share(checkArguments(this.directory)), "close");
    this.#isDoubtful = status !== 0;
    return status === 0;
  }

  /** Runs a command on the host. */
  run(command: readonly string[]): ChildProcessWithoutNullStreams {
    const shell = this.#share(sessionArguments(this.directory, command));
    shell.on("close", (status) => {
      if (status === FAILED) this.#isDoubtful = true;
    });
    return shell;
  }

  /**
   * A socket whose connections the host continues to an address. It stays for as long as the connection: one process sets it up for
   * all handshakes there.
   *
   * @throws {Error} if the connection is lost
   */
  forwarding(address: string, port: number): Promise<string> {
    const target = `${address} ${port}`;
    return madeOnce(this.#forwardings, target, async () => {
      try {
        return await this.#forward(address, port);
      } catch (error) {
        this.#forwardings.delete(target);
        throw error;
      }
    });
  }

  /** The number of forwarded connections that failed, and the reason of the last failure. */
  get refusals(): { readonly count: number; readonly last: string } {
    return { count: this.#log.refusals, last: this.#log.lastRefusal };
  }

  async close(): Promise<void> {
    this.#signal("SIGTERM");
    const timer = setTimeout(() => this.#signal("SIGKILL"), CLOSING_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  /** Signals the process group: it includes the ssh processes to jump hosts. */
  #signal(signal: NodeJS.Signals): void {
    signalGroup(this.#process, signal);
  }

  async #forward(address: string, port: number): Promise<string> {
    const socket = this.directory.forwarding();
    const [status] = await once(
      this.#share(forwardArguments(this.directory, socket, { address, port })),
      "close",
    );
    if (status === 0) return socket;
    this.#isDoubtful = true;
    throw new Error("The connection to the host is lost.");
  }

  #share(args: readonly string[]): ChildProcessWithoutNullStreams {
    return spawn("ssh", args, { stdio: ["pipe", "pipe", "pipe"], detached: true });
  }

  async #loggedIn(loginMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Error>((resolve) => {
      timer = setTimeout(() => resolve(connectionTimeout(this.settings, this.#log, loginMs)), loginMs);
    });
    const failed = this.#ended.then(async (error) => {
      if (error) return asUnreachable(error);
      const key = isOfUnknownKey(this.#log) ? await shownKey(this.settings, this.#log.serverKey) : null;
      return connectionProblem(this.settings, this.#log, key);
    });
    try {
      // The login to a jump host comes first, and shares nothing.
      while (!this.#log.ready || !existsSync(this.directory.socket)) {
        const said = new Promise<null>((resolve) => this.#process.stderr.once("data", () => resolve(null)));
        const failure = await Promise.race([failed, late, said]);
        if (failure) throw failure;
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * Resolves when a process has ended and its output has been read, with the error if it could not start. A
 * process that it has left behind, such as the user's own connection to a jump host, may hold its pipe open
 * for longer.
 */
function end(child: ChildProcess & { readonly stderr: Readable }): Promise<Error | null> {
  return new Promise((resolve) => {
    child.on("error", resolve);
    child.on("close", () => resolve(null));
    child.on("exit", () => setTimeout(() => child.stderr.destroy(), LAST_WORDS_MS));
  });
}

function asUnreachable(error: NodeJS.ErrnoException): Error {
  if (error.code !== "ENOENT") return error;
  return new HostUnreachable({
    problem: "`ssh` is not installed on the machine that deploys",
    remedy: "Install OpenSSH's client there (openssh-client)",
  });
}
