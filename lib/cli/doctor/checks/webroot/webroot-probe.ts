import { CHALLENGES } from "../../../../shared/acme/challenge-path";
import { askCall, saidIn } from "../../../../shared/transport/asked";
import { complaint } from "../../../../shared/transport/complaint";
import { type Connection, onHost } from "../../../../shared/transport/connection-settings";
import { ancestors, stagedPath } from "../../../../shared/transport/paths";
import { type Session, SessionLost } from "../../../../shared/transport/session";
import type { Transport } from "../../../../shared/transport/transport";
import { HostUnreachable } from "../../../../shared/transport/unreachable";

const LIFETIME_MS = 60_000;
const ASKING = { commandMs: 10_000, bytes: 4096 };

/** A host that the probe is written to. */
export interface ProbedHost {
  readonly name: string;
  readonly connection: Connection;
  readonly transport: Transport;
}

export interface ProbeFile {
  readonly token: string;
  readonly text: string;
}

/**
 * A random file on one host, where a web server should show it publicly. It is written once, when it is first
 * needed, and has to be removed, with the directories that were made for it.
 */
export class WebrootProbe {
  readonly #path: string;
  /** The directories that were not there, the lowest first. */
  #made: readonly string[] = [];
  #written: Promise<string | null> | undefined;

  /** @param file its name and what it holds: the same on all hosts that a name may lead to */
  constructor(
    readonly host: ProbedHost,
    webroot: string,
    readonly file: ProbeFile,
  ) {
    this.#path = onHost(host.connection, `${webroot}/${CHALLENGES}/${file.token}`);
  }

  /** Why the file is not there; null if it is. */
  written(): Promise<string | null> {
    this.#written ??= this.#withSession((session) => this.#write(session));
    return this.#written;
  }

  /** Why the file may still be there; null if it is not. */
  async remove(): Promise<string | null> {
    if (this.#written === undefined) return null;
    // A write that is under way would come after the removal.
    await this.#written;
    return this.#withSession(async (session) => {
      const answer = await session.call("discard", this.#path, stagedPath(this.#path));
      await session.call("remove_directories", ...this.#made);
      return answer.status === 0 ? null : complaint(answer.output);
    });
  }

  async #write(session: Session): Promise<string | null> {
    const directories = ancestors(this.#path);
    const answers = await session.roundFor(directories, (path) => askCall(["test", "-d", path], ASKING));
    this.#made = answers.flatMap(([path, answer]) => (saidIn(answer)?.status === 1 ? [path] : [])).reverse();
    const { status, output } = await session.call(
      "publish",
      this.#path,
      stagedPath(this.#path),
      this.file.text,
    );
    return status === 0 ? null : complaint(output);
  }

  /** A shell of its own: the one of the checks may have reached its end. */
  async #withSession(work: (session: Session) => Promise<string | null>): Promise<string | null> {
    try {
      const session = await this.host.transport.open(LIFETIME_MS);
      try {
        return await work(session);
      } finally {
        await session.close();
      }
    } catch (error) {
      if (error instanceof HostUnreachable || error instanceof SessionLost) return error.message;
      throw error;
    }
  }
}
