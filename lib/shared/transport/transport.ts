import { spawn } from "node:child_process";
import type { HandshakeTarget } from "../tls/handshake";
import type { Endpoint } from "./connection-settings";
import { Session } from "./session";
import { inSeconds } from "./timeouts";

/** How a host is reached: opens shells on it that run the host script, and leads to what listens there. */
export interface Transport {
  /**
   * A shell that is ended after `lifetimeMs`, whatever it is doing: what it has locked is free by then.
   *
   * @throws {HostUnreachable}
   */
  open(lifetimeMs: number): Promise<Session>;
  /** Where an endpoint of the host is found, as seen from the host itself. @throws {SessionLost} */
  target(endpoint: Endpoint): HandshakeTarget;
}

/** This machine: the same script, without ssh. */
export class LocalTransport implements Transport {
  async open(lifetimeMs: number): Promise<Session> {
    return new Session(
      spawn("timeout", timeoutArguments(lifetimeMs, ["sh", "-s"]), {
        stdio: ["pipe", "pipe", "pipe"],
        // Ctrl-C goes to the whole process group; what is being swapped is to be finished first.
        detached: true,
      }),
      { lifetimeMs },
    );
  }

  target(endpoint: Endpoint): HandshakeTarget {
    return targetOnThisMachine(endpoint);
  }
}

/** Has timeout(1) end a command, which counts in seconds, and may use a fraction of one. */
export function timeoutArguments(lifetimeMs: number, command: readonly string[]): string[] {
  return ["-k", "5", String(inSeconds(lifetimeMs)), ...command];
}

export function targetOnThisMachine({ address, port }: Endpoint): HandshakeTarget {
  return { endpoint: { host: address, port } };
}
