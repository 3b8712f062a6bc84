import { spawn } from "node:child_process";
import type { HandshakeTarget } from "../tls/handshake";
import type { Endpoint } from "./connection-settings";
import { Session } from "./session";
import { inSeconds } from "./timeouts";

/** The way to reach a host: opens shells that run the host script, and connects to its endpoints. */
export interface Transport {
  /**
   * Opens a shell that is ended after `lifetimeMs`, whatever it is doing; its lock is released by then.
   *
   * @throws {HostUnreachable}
   */
  open(lifetimeMs: number): Promise<Session>;
  /**
   * Makes the connection that `target` needs, without a shell.
   *
   * @throws {HostUnreachable}
   */
  connect(): Promise<void>;
  /**
   * The target of a handshake for an endpoint, as seen from the host itself.
   *
   * @throws {SessionLost}
   */
  target(endpoint: Endpoint): HandshakeTarget;
}

/** This machine: runs the same script, without ssh. */
export class LocalTransport implements Transport {
  async open(lifetimeMs: number): Promise<Session> {
    return new Session(
      spawn("timeout", timeoutArguments(lifetimeMs, ["sh", "-s"]), {
        stdio: ["pipe", "pipe", "pipe"],
        // Ctrl-C reaches the whole process group, but a running swap has to finish first.
        detached: true,
      }),
      { lifetimeMs },
    );
  }

  async connect(): Promise<void> {}

  target(endpoint: Endpoint): HandshakeTarget {
    return targetOnThisMachine(endpoint);
  }
}

/** The arguments of timeout(1) that end a command. It counts in seconds and accepts fractions. */
export function timeoutArguments(lifetimeMs: number, command: readonly string[]): string[] {
  return ["-k", "5", String(inSeconds(lifetimeMs)), ...command];
}

export function targetOnThisMachine({ address, port }: Endpoint): HandshakeTarget {
  return { endpoint: { host: address, port } };
}
