import type { HandshakeTarget } from "../../tls/handshake";
import type { Endpoint } from "../connection-settings";
import { Session, SessionLost } from "../session";
import { type Transport, timeoutArguments } from "../transport";
import { HostUnreachable } from "../unreachable";
import type { SshConnection } from "./connection";
import { shellProblem } from "./diagnosis";
import { ForwardedStream } from "./forwarded-stream";

/** A host that is reached with the `ssh` of this machine. */
export class SshTransport implements Transport {
  constructor(private readonly connection: SshConnection) {}

  async open(lifetimeMs: number): Promise<Session> {
    const { connection } = this;
    const { settings } = connection;
    const master = await this.connection.master();
    const shell = ["timeout", ...timeoutArguments(lifetimeMs, ["sh", "-s"])];
    // The plain locale makes messages recognisable, whatever the host's language.
    const command = ["env", "LC_ALL=C", ...(settings.become ?? []), ...shell];
    return new Session(master.run(command), {
      lifetimeMs,
      startMs: connection.timeouts.loginMs,
      closeMs: connection.timeouts.closeMs,
      explain: (words) => shellProblem(settings, words),
      onLate: (reason) => connection.giveUp(new HostUnreachable(reason)),
    });
  }

  async connect(): Promise<void> {
    await this.connection.master();
  }

  /**
   * The target of a handshake, as seen from the host: 127.0.0.1 is the host itself.
   *
   * @throws {SessionLost} if the connection is lost, which is not the server's fault
   */
  target({ address, port }: Endpoint): HandshakeTarget {
    const { current, settings } = this.connection;
    if (!current) throw new SessionLost(shellProblem(settings, "Broken pipe"));
    return { open: () => new ForwardedStream(current, address, port) };
  }
}
