import { spawn } from "node:child_process";
import { Session } from "./session";

/** How a host is reached: opens shells on it that run the host script. */
export interface Transport {
  /** A shell that is ended after `seconds`, whatever it is doing: what it has locked is free by then. */
  open(seconds: number): Session;
}

/** This machine: the same script, without ssh. */
export class LocalTransport implements Transport {
  open(seconds: number): Session {
    return new Session(
      spawn("timeout", ["-k", "5", String(seconds), "sh", "-s"], {
        stdio: ["pipe", "pipe", "pipe"],
        // Ctrl-C goes to the whole process group; what is being swapped is to be finished first.
        detached: true,
      }),
    );
  }
}
