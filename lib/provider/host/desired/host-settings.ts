import { posix } from "node:path";
import { parseSshDestination } from "../../../shared/ssh-destination";
import type { Protocol } from "../../../shared/tls/handshake";
import type { SshSettings } from "../../../shared/transport/ssh-settings";

/** A place at which a service presents certificates. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
}

/** How one service of a host is told about files. Commands are argument lists; null where it has none. */
export interface ServiceSettings {
  readonly name: string;
  readonly config: {
    readonly file: string;
    readonly include: string;
    readonly position: "first" | "last";
    readonly head: string | null;
    readonly includes?: string | null;
  } | null;
  readonly version: {
    readonly print: readonly string[];
    readonly pattern: string;
    readonly expected: string;
    readonly advice: string;
  } | null;
  readonly arrival: {
    readonly list: readonly string[];
    readonly pattern: string;
    readonly advice: string;
  } | null;
  readonly build: readonly string[] | null;
  readonly check: readonly string[] | null;
  readonly activate: readonly string[] | null;
  readonly running: readonly string[] | null;
  readonly defaultCertificate: readonly string[] | null;
  readonly chosen: readonly string[] | null;
  readonly nameBlocks: {
    readonly list: readonly string[];
    readonly pattern: string;
    readonly winner: "first" | "last" | null;
  } | null;
  readonly endpoints: readonly Endpoint[];
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

export interface HostSettings extends Connection {
  /** The key in the provider's `hosts`. */
  readonly name: string;
  readonly services: ReadonlyMap<string, ServiceSettings>;
  /** There is no such machine any more: it is never contacted. */
  readonly gone?: boolean;
  /** What becomes of a refresh that cannot reach the host. */
  readonly onUnreachable?: "fail" | "warn";
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

/** A service that is told nothing: its files are all there is to it. */
export function withoutCommands(name: string): ServiceSettings {
  return {
    name,
    config: null,
    version: null,
    arrival: null,
    build: null,
    check: null,
    activate: null,
    running: null,
    defaultCertificate: null,
    chosen: null,
    nameBlocks: null,
    endpoints: [],
  };
}
