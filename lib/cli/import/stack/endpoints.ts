import {
  DOVECOT_PORTS,
  type MailPort,
  QMAIL_PORTS,
  QMAIL_SMTPS_PORT,
} from "../../../shared/service/usual-ports";
import type { Listener } from "../gather/listeners";
import { comment, literal } from "./words";

/**
 * The option `endpoints` of a service: the usual ports at which the host listens.
 *
 * @returns no lines if these are the service's defaults; and if it listens at none of them, or if that is not known: the server may
 * be down
 */
export function endpointLines(kind: "qmail" | "dovecot", listeners: readonly Listener[] | null): string[] {
  const usual = kind === "qmail" ? QMAIL_PORTS : DOVECOT_PORTS;
  const endpoints = usual.flatMap((port) => endpointOf(port, listeners ?? []) ?? []);
  const areDefaults = endpoints.length === usual.length && endpoints.every(({ address }) => address === null);
  if (endpoints.length === 0 || areDefaults) return [];
  const hasSmtps = endpoints.some(({ port }) => port === QMAIL_SMTPS_PORT);
  return [
    comment(
      "The host listens here. Remove what clients do not use: mail-sni verify expects an answer at each.",
    ),
    ...(hasSmtps
      ? [comment("On port 465 the stock script ignores SNI. Where qmail-smtpd answers, remove sni.")]
      : []),
    "endpoints: [",
    ...endpoints.map((endpoint) => `  ${printed(endpoint)},`),
    "],",
  ];
}

interface Endpoint {
  readonly port: MailPort;
  /** Null if the host itself reaches it at 127.0.0.1. */
  readonly address: string | null;
}

function endpointOf(port: MailPort, listeners: readonly Listener[]): Endpoint | undefined {
  const addresses = listeners.filter((one) => one.port === port.port).map(({ address }) => address);
  if (addresses.length === 0) return undefined;
  const address = addresses.includes(null) ? null : (addresses.sort(byFamily)[0] ?? null);
  return { port, address };
}

/** IPv4 first. */
function byFamily(one: string | null, other: string | null): number {
  return Number(one?.includes(":")) - Number(other?.includes(":"));
}

function printed({ port: usual, address }: Endpoint): string {
  const { port, protocol } = usual;
  const members = [
    `port: ${port}`,
    `protocol: MailProtocol.${protocol.toUpperCase()}`,
    ...(address === null ? [] : [`address: ${literal(address)}`]),
    ...(usual === QMAIL_SMTPS_PORT ? ["sni: false"] : []),
  ];
  return `{ ${members.join(", ")} }`;
}
