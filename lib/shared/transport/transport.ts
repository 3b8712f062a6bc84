import { spawn } from "node:child_process";
import type { HandshakeTarget } from "../tls/handshake";
import type { Endpoint } from "./connection-settings";
import { Session } from "./session";

/** How a host is reached: opens shells on it that run the host script, and leads to what listens there. */
export interface Transport {
  /**
   * A shell that is ended after `seconds`, whatever it is doing: what it has locked is free by then.
   *
   * @throws {HostUnreachable}
   */
  open(seconds: number): Promise<Session>;
  /** Where an endpoint of the host is found, as seen from the host itself. @throws {SessionLost} */
  target(endpoint: Endpoint): HandshakeTarget;
}

/** This machine: the same script, without ssh. */
export class LocalTransport implements Transport {
  async open(seconds: number): Promise<Session> {
    return new Session(
      spawn("timeout", ["-k", "5", String(seconds), "sh", "-s"], {
        stdio: ["pipe", "pipe", "pipe"],
        // Ctrl-C goes to the whole process group; what is being swapped is to be finished first.
        detached: true,
      }),
      { lifetime: seconds },
    );
  }

  target(endpoint: Endpoint): HandshakeTarget {
    return targetOnThisMachine(endpoint);
  }
}

export function targetOnThisMachine({ address, port }: Endpoint): HandshakeTarget {
  return { endpoint: { host: address, port } };
}
