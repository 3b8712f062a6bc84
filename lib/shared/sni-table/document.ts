import type { Protocol } from "../tls/protocols";

/**
 * The contents of `sni-table.json`, for programs: the certificate that each service should present for each
 * name. The constructs write it and `parseSniTable` reads it. Later releases may add members; another `version`
 * may change them.
 */
export interface SniTableDocument {
  readonly version: 1;
  /** The hosts, sorted by stack and host. */
  readonly hosts: readonly SniTableHost[];
  readonly acknowledged: readonly SniTableAcknowledgement[];
  /**
   * Entries of files such as `domains.txt` that are not served, sorted by `file` and `row` (its alias or
   * first name).
   */
  readonly leftOut: readonly SniTableLeftOut[];
}

export interface SniTableHost {
  readonly stack: string;
  readonly host: string;
  /** The services, sorted by name. */
  readonly services: readonly SniTableService[];
}

export interface SniTableService {
  readonly service: string;
  readonly endpoints: readonly SniTableEndpoint[];
  /** The mail domain whose certificate is presented to clients with no SNI, or an unlisted name. */
  readonly default?: string;
  /**
   * Present if the service ends the handshake with an alert when a client sends what cannot be a host
   * name.
   */
  readonly refusesMalformedNames?: true;
  /**
   * The names of a mail domain are consecutive, and the domains are in alphabetical order. The names from
   * the server's own configuration follow, in alphabetical order. No name is listed twice.
   */
  readonly names: readonly SniTableName[];
}

export interface SniTableEndpoint {
  readonly port: number;
  readonly protocol: Protocol;
  /** Whether the server at this port chooses the certificate by the name that the client sends. */
  readonly sni: boolean;
  /** Present if the port may be closed while another port of the service answers, as the default ports may be. */
  readonly optional?: true;
}

/** At most one of `certificate`, `file` and `refused` is present. With none of them the default is presented, because of `reason`. */
export interface SniTableName {
  readonly name: string;
  /** The mail domain whose certificate is presented. */
  readonly certificate?: string;
  /** The file of a certificate that this project does not manage. */
  readonly file?: string;
  /** What the server finds for the name: a path, a block. */
  readonly entry?: string;
  readonly reason?: string;
  /** Present if the service presents nothing and ends the handshake with an alert, because of `reason`. */
  readonly refused?: true;
  /**
   * Present if DNS decides, when the certificate is ordered, whether it contains the name; absent if it
   * contains it.
   */
  readonly optional?: true;
}

export interface SniTableAcknowledgement {
  /** Code of a rule, such as `SNI009`. */
  readonly code: string;
  /** Path of the construct at which it is acknowledged. */
  readonly at: string;
  readonly reason: string;
  readonly subject: string;
}

/** An entry of a file that is not served; `row` is its alias or first name. */
export interface SniTableLeftOut {
  readonly file: string;
  readonly row: string;
  readonly reason: string;
}
