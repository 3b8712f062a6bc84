import type { Protocol } from "../tls/protocols";

/**
 * The block `provider "mailsni"` of a stack, in Terraform's spelling. The constructs write it; the provider and
 * the command read it. A member that may be left out is optional. The provider's schema describes each.
 */
export interface ProviderBlock {
  readonly stack: string;
  readonly hosts?: Readonly<Record<string, HostBlock>>;
  readonly journal?: JournalBlock;
}

/** Where the issuance journal is: one of the two. */
export interface JournalBlock {
  readonly directory?: string;
  readonly hosts?: readonly string[];
}

/** A host, by its name in `hosts`. */
export interface HostBlock extends ConnectionBlock {
  readonly gone?: boolean;
  readonly canary?: boolean;
  readonly on_unreachable?: OnUnreachable;
  readonly services?: Readonly<Record<string, ServiceBlock>>;
}

/** How to reach a host's files. Without an `address` they are on this machine. */
export interface ConnectionBlock extends Partial<SshBlock>, FilesBlock {}

/** How `ssh` reaches a host. */
export interface SshBlock {
  readonly address: string;
  readonly ssh_config_file?: string;
  readonly identity_file?: string;
  readonly known_hosts_file?: string;
  readonly host_keys?: readonly string[];
  readonly proxy_jump?: string;
  readonly become?: Command;
}

/** The directories of a host's files, and whether their owners are set. */
export interface FilesBlock {
  readonly root?: string;
  readonly ownership?: Ownership;
  readonly state_directory?: string;
}

/** A service, by its name in `services` of a host. */
export interface ServiceBlock {
  readonly config?: ConfigBlock;
  readonly version?: VersionBlock;
  readonly arrival?: ArrivalBlock;
  readonly build?: Command;
  readonly check?: Command;
  readonly activate?: Command;
  readonly running?: Command;
  readonly default_certificate?: Command;
  readonly chosen?: Command;
  readonly name_blocks?: NameBlocksBlock;
  readonly endpoints?: readonly EndpointBlock[];
}

/** How a new file is checked together with the existing configuration. */
export interface ConfigBlock {
  readonly file: string;
  readonly include: string;
  readonly position: FirstOrLast;
  readonly head?: string;
  readonly includes?: string;
}

/** How the installed version is determined. */
export interface VersionBlock {
  readonly print: Command;
  readonly pattern: string;
  readonly expected: string;
  readonly advice: string;
}

/** How a service that does not read its files is detected. */
export interface ArrivalBlock {
  readonly list: Command;
  readonly pattern: string;
  readonly advice: string;
}

/** How a service's own blocks for names are found. */
export interface NameBlocksBlock {
  readonly list: Command;
  readonly pattern: string;
  readonly winner?: FirstOrLast;
}

/** A port at which a service presents certificates. */
export interface EndpointBlock {
  readonly port: number;
  readonly protocol: Protocol;
  readonly address?: string;
  readonly sni?: boolean;
}

/** The address of an endpoint without `address`: the host itself. */
export const DEFAULT_ENDPOINT_ADDRESS = "127.0.0.1";

/** An argument list, run without a shell. */
export type Command = readonly string[];

export const OWNERSHIPS = ["apply", "skip"] as const;
export type Ownership = (typeof OWNERSHIPS)[number];

export const ON_UNREACHABLE = ["fail", "warn"] as const;
export type OnUnreachable = (typeof ON_UNREACHABLE)[number];

export const FIRST_OR_LAST = ["first", "last"] as const;
export type FirstOrLast = (typeof FIRST_OR_LAST)[number];

/**
 * A block as it is written: every member is named, at any depth, with undefined for one that is left out. So
 * the compiler finds the place that does not write a new member.
 */
export type Written<T> = T extends readonly (infer E)[]
  ? readonly Written<E>[]
  : T extends object
    ? { readonly [K in keyof Required<T>]: Written<T[K]> }
    : T;
