import { complaint } from "../../shared/transport/complaint";
import { onHost } from "../../shared/transport/connection-settings";
import { KeptSession } from "../../shared/transport/kept-session";
import { stagedPath } from "../../shared/transport/paths";
import type { Answer, Call } from "../../shared/transport/session";
import type { Timeouts } from "../../shared/transport/timeouts";
import type { Transport } from "../../shared/transport/transport";
import { Batches } from "./batches";
import type { HostSettings } from "./desired/host-settings";

/** An error: a command on a host failed; the message has its output. */
class PublicFileRefused extends Error {
  override readonly name = "PublicFileRefused";
}

/**
 * Temporary files that all users may read, such as ACME tokens that a web server serves. No resource owns
 * them. Files that arrive together share a trip to the host.
 */
export class PublicFiles {
  readonly #session: KeptSession;
  readonly #rounds = new Batches((batch: readonly (readonly Call[])[]) => this.#round(batch));

  constructor(
    private readonly host: HostSettings,
    transport: Transport,
    { readMs }: Timeouts,
  ) {
    this.#session = new KeptSession(transport, { lifetimeMs: readMs, reuseMs: readMs });
  }

  /**
   * Writes a file, and creates its parent directories. @throws {PublicFileRefused} {HostUnreachable}
   * {SessionLost}
   */
  async put(path: string, text: string): Promise<void> {
    const [target, staged] = [onHost(this.host, path), onHost(this.host, stagedPath(path))];
    refuseFailed(path, await this.#rounds.add([["publish", target, staged, text]]));
  }

  /** Removes a file if it exists. @throws {PublicFileRefused} {HostUnreachable} {SessionLost} */
  async remove(path: string): Promise<void> {
    const names = [path, stagedPath(path)].map((name) => onHost(this.host, name));
    refuseFailed(path, await this.#rounds.add([["discard", ...names]]));
  }

  /** Waits for running work and ends the shell. */
  async close(): Promise<void> {
    await this.#rounds.settled();
    await this.#session.close();
  }

  async #round(batch: readonly (readonly Call[])[]): Promise<readonly (readonly Answer[])[]> {
    const answers = await this.#session.begin((session) => session.round(batch.flat()));
    let read = 0;
    return batch.map((calls) => {
      read += calls.length;
      return answers.slice(read - calls.length, read);
    });
  }
}

function refuseFailed(path: string, answers: readonly Answer[]): void {
  const failed = answers.find(({ status }) => status !== 0);
  if (failed !== undefined) throw new PublicFileRefused(`${path}: ${complaint(failed.output)}`);
}
