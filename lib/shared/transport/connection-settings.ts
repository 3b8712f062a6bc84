import { posix } from "node:path";
import { parseSshDestination } from "../ssh-destination";
import type { Protocol } from "../tls/handshake";
import type { SshSettings } from "./ssh-settings";

/** A place at which a service presents certificates. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
}

/** Where a host's files are: enough to reach them again when nothing else is known of the host any more. */
export interface Connection {
  /** Null: this machine. What was kept by older versions has none either. */
  readonly ssh?: SshSettings | null;
  /** All paths are below it. Absolute. */
  readonly root: string;
  /** Below `root`. */
  readonly stateDirectory: string;
  /** Whether owners are set and compared, and service commands run. */
  readonly applyOwnership: boolean;
}

/** Where a path of the host is found: below its `root`. */
export function onHost({ root }: { readonly root: string }, path: string): string {
  return posix.join(root, path);
}

/** Whether both reach the same files, whoever logs in and with which keys. */
export function sameConnection(one: Connection, other: Connection): boolean {
  return (
    one.root === other.root &&
    one.stateDirectory === other.stateDirectory &&
    machineOf(one) === machineOf(other)
  );
}

function machineOf({ ssh }: Connection): string | null {
  if (!ssh) return null;
  const { host, port } = parseSshDestination(ssh.address);
  return JSON.stringify([host.toLowerCase(), port ?? 22, ssh.proxyJump]);
}
