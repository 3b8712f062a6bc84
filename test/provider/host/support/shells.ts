import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { Session } from "../../../../lib/shared/transport/session";
import {
  LocalTransport,
  type Transport,
  targetOnThisMachine,
  timeoutArguments,
} from "../../../../lib/shared/transport/transport";
import { findCommand } from "../../../support/commands";

/** Command lines of the POSIX shells that this machine has. */
export const SHELLS: readonly [name: string, ...args: string[]][] = (
  [["dash"], ["bash", "--posix"], ["busybox", "sh"]] as [string, ...string[]][]
).filter(([name]) => findCommand(name) !== null);

/** A session with a shell of choice, and with lines of shell that come behind the host script. */
export class ShellTransport implements Transport {
  readonly opened: ChildProcessWithoutNullStreams[] = [];

  constructor(
    private readonly shell: readonly [string, ...string[]] = ["sh"],
    private readonly prelude = "",
  ) {}

  readonly target = targetOnThisMachine;

  async connect(): Promise<void> {}

  async open(lifetimeMs: number): Promise<Session> {
    const [name, ...args] = this.shell;
    const child = spawn("timeout", timeoutArguments(lifetimeMs, [name, ...args, "-s"]), {
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    this.opened.push(child);
    const session = new Session(child, { lifetimeMs });
    child.stdin.write(this.prelude);
    return session;
  }

  /** Has the time of the newest shell be up: that is how timeout(1) learns of it. */
  timeOut(): void {
    this.opened.at(-1)?.kill("SIGALRM");
  }

  /** Ends the newest shell at once, with all that it has started. */
  kill(): void {
    const pid = this.opened.at(-1)?.pid;
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  }
}

/** A session for one test. */
export async function withSession<T>(
  use: (session: Session) => Promise<T>,
  transport: Transport = new LocalTransport(),
): Promise<T> {
  const session = await transport.open(60_000);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}
