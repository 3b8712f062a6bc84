import type { Connection, Endpoint } from "../../../shared/transport/connection-settings";

/** How one service of a host is checked, reloaded and queried. Commands are argument lists; null if there is none. */
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

export interface HostSettings extends Connection {
  /** The key in the provider's `hosts`. */
  readonly name: string;
  readonly services: ReadonlyMap<string, ServiceSettings>;
  /** Whether the machine no longer exists: it is never contacted. */
  readonly gone?: boolean;
  /** Whether a refresh that cannot reach the host fails. */
  readonly onUnreachable?: "fail" | "warn";
}

/** A service without commands: only its files are managed. */
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
