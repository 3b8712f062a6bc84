import { madeOnce } from "../../made-once";
import type { Connection } from "../connection-settings";
import { LocalTransport, type Transport } from "../transport";
import { SshConnection } from "./connection";
import { SshTransport } from "./transport";

/** The transports of hosts. Hosts with the same SSH settings share a connection, whatever their names. */
export class Transports {
  readonly #connections = new Map<string, SshConnection>();

  to({ ssh }: Pick<Connection, "ssh">): Transport {
    if (!ssh) return new LocalTransport();
    return new SshTransport(madeOnce(this.#connections, JSON.stringify(ssh), () => new SshConnection(ssh)));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#connections.values()].map((connection) => connection.close()));
  }
}
