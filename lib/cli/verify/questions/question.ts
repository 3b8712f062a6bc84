import type { Protocol } from "../../../shared/tls/protocols";
import type { SshSettings } from "../../../shared/transport/ssh-settings";

/** A place at which a mail server presents certificates, as this machine reaches it. */
export interface AskedEndpoint {
  /** The label in reports: the host of the table, or what the command line has. */
  readonly host: string;
  /** Name of the service in the table; null where there is no table. */
  readonly service: string | null;
  readonly port: number;
  readonly protocol: Protocol;
}

/** What a client requests in a handshake. */
export type Asked =
  /** For a name, which is sent as it is. */
  | { readonly kind: "name"; readonly name: string; readonly serverName: string }
  /** Without a name. */
  | { readonly kind: "no-name" }
  /** For a name that no server knows. */
  | { readonly kind: "unlisted"; readonly serverName: string }
  /** For a name in capital letters, which clients may send and no certificate has. */
  | { readonly kind: "upper-case"; readonly name: string; readonly serverName: string }
  /** For a name, with one version of TLS alone. */
  | {
      readonly kind: "version";
      readonly name: string;
      readonly serverName: string;
      readonly version: "TLSv1.2" | "TLSv1.3";
    };

/** The expected presentation. */
export interface Expected {
  /** The mail domain whose certificate it is; null if it is not known, or not declared. */
  readonly domain: string | null;
  /** SHA-256 of that certificate: lower-case hex. Null where it is not known. */
  readonly fingerprint: string | null;
  /** When that certificate ends, as the outputs have it. Null where it is not known. */
  readonly notAfter: Date | null;
  /** All names that the domain's certificate is declared for, without optional ones; empty where there is no domain. */
  readonly domainNames: readonly string[];
  /** Whether the certificate has to cover the requested name: `optional` if DNS decides. */
  readonly covers: "required" | "optional" | "not-needed";
  /** Whether the server should end the handshake with an alert. */
  readonly isRefused: boolean;
  /** Whether the endpoint has to answer. */
  readonly mustAnswer: boolean;
}

/** One handshake, and its expected result. */
export interface Question {
  readonly endpoint: AskedEndpoint;
  /** IP address or name to connect to; null where DNS has none. */
  readonly address: string | null;
  /**
   * The host that connects to the address, over SSH.
   *
   * @default this machine
   */
  readonly through?: SshSettings;
  readonly asked: Asked;
  readonly expected: Expected;
}

/** The name that a question is about; null where it is about none. */
export function nameOf({ asked }: Question): string | null {
  return "name" in asked ? asked.name : null;
}

/** The SNI that is sent; undefined where none is. */
export function serverNameOf({ asked }: Question): string | undefined {
  return "serverName" in asked ? asked.serverName : undefined;
}

/** Addresses that this machine connects to: null alone where DNS has nothing. */
export type Addresses = readonly (string | null)[];

/** Where to connect to, and from where. */
export type Place = Pick<Question, "address" | "through">;
