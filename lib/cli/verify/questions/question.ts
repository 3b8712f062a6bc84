import type { Protocol } from "../../../shared/tls/protocols";
import type { SshSettings } from "../../../shared/transport/ssh-settings";
import type { HostStatement } from "../../inputs/host-statements";

/** A place at which a mail server presents certificates, as this machine reaches it. */
export interface AskedEndpoint {
  /** The label in reports: the host of the table, or the value on the command line. */
  readonly host: string;
  /** The name of the service in the table; null without a table. */
  readonly service: string | null;
  readonly port: number;
  readonly protocol: Protocol;
}

/** What a client requests in a handshake. */
export type Asked =
  /** A name, which is sent unchanged. */
  | { readonly kind: "name"; readonly name: string; readonly serverName: string }
  /** No SNI. */
  | { readonly kind: "no-name" }
  /** A name that no server knows. */
  | { readonly kind: "unlisted"; readonly serverName: string }
  /** A name in capital letters: clients may send them, but certificates have small letters. */
  | { readonly kind: "upper-case"; readonly name: string; readonly serverName: string }
  /** A name, with only one version of TLS. */
  | {
      readonly kind: "version";
      readonly name: string;
      readonly serverName: string;
      readonly version: "TLSv1.2" | "TLSv1.3";
    };

/** The expected presentation. */
export interface Expected {
  /** The mail domain whose certificate is expected; null if it is unknown or not declared. */
  readonly domain: string | null;
  /** SHA-256 of that certificate, in lower-case hex; null if unknown. */
  readonly fingerprint: string | null;
  /** The expiry of that certificate, from the stack's outputs or from the host that issues it itself; null if unknown. */
  readonly notAfter: Date | null;
  /** What the mail host that issues that certificate itself says about it; null for all other certificates. */
  readonly said: HostStatement | null;
  /** The declared names of the domain's certificate, without optional ones; empty without a domain. */
  readonly domainNames: readonly string[];
  /** Whether the certificate has to cover the requested name: `optional` if DNS decides. */
  readonly covers: "required" | "optional" | "not-needed";
  /** Whether the server should end the handshake with an alert. */
  readonly isRefused: boolean;
  readonly answer: ExpectedAnswer;
}

/** Whether an endpoint has to answer. */
export const EXPECTED_ANSWERS = ["required", "optional", "not-needed"] as const;

/** `optional`: another endpoint of the same service is enough. */
export type ExpectedAnswer = (typeof EXPECTED_ANSWERS)[number];

/** One handshake, and its expected result. */
export interface Question {
  readonly endpoint: AskedEndpoint;
  /** The IP address or name to connect to; null if DNS has no address. */
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

/** The SNI to send; undefined without SNI. */
export function serverNameOf({ asked }: Question): string | undefined {
  return "serverName" in asked ? asked.serverName : undefined;
}

/** The addresses that this machine connects to; a single null if DNS has none. */
export type Addresses = readonly (string | null)[];

/** The address to connect to, and the machine that connects. */
export type Place = Pick<Question, "address" | "through">;
