import { posix } from "node:path";
import { parseSshDestination } from "../ssh-destination";
import type { Protocol } from "../tls/protocols";
import type { SshSettings } from "./ssh-settings";

/** A port at which a service presents certificates. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
}

/** How to reach a host's files. It suffices when the host's other settings are no longer known. */
export interface Connection {
  /** The SSH settings. Null is this machine; states of older versions lack the member. */
  readonly ssh?: SshSettings | null;
  /** The absolute path of the directory that all paths are below. */
  readonly root: string;
  /** The directory of the ledger, below `root`. */
  readonly stateDirectory: string;
  /** Whether owners are set and compared, and service commands run. */
  readonly applyOwnership: boolean;
}

/** The path of a file of the host with its `root` in front. */
export function onHost({ root }: { readonly root: string }, path: string): string {
  return posix.join(root, path);
}

/** The `root` as scripts put it in front of paths: empty for `/`. */
export function rootPrefix({ root }: { readonly root: string }): string {
  return root === "/" ? "" : root;
}

/** The path without the host's `root` in front, which `onHost` has put there. */
export function withoutRoot(host: { readonly root: string }, path: string): string {
  const prefix = rootPrefix(host);
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path;
}

/** Whether both connections reach the same files, regardless of users and keys. */
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
