import { isIP } from "node:net";
import { parseHostName } from "../../../shared/host-name";
import { MAIL_PORTS, type MailPort } from "../../../shared/service/usual-ports";
import { PROTOCOLS } from "../../../shared/tls/protocols";
import { CliError } from "../../errors/cli-error";

/**
 * A list such as `993,2525:smtp`: the protocol of a well-known port need not be written.
 *
 * @throws CliError `CLI_OPTION`
 */
export function parsePorts(text: string): MailPort[] {
  const ports = text.split(",").map((item) => {
    const [, digits = "", word] = /^(\d{1,5})(?::([a-z0-9]+))?$/.exec(item.trim()) ?? [];
    const port = Number(digits);
    const protocol =
      word === undefined
        ? MAIL_PORTS.find((one) => one.port === port)?.protocol
        : PROTOCOLS.find((one) => one === word);
    if (port < 1 || port > 65_535 || protocol === undefined) {
      throw new CliError(
        "CLI_OPTION",
        `--ports has ${JSON.stringify(item)}.`,
        `Write ports with commas between them, and what is spoken there for those that are not well known: 993,2525:smtp. Protocols are ${PROTOCOLS.join(", ")}.`,
      );
    }
    return { port, protocol };
  });
  // Each is asked once.
  return [...new Map(ports.map((one) => [`${one.port} ${one.protocol}`, one])).values()];
}

/** An address to connect to, for one host of the table or for all. */
export interface Connect {
  readonly host: string | null;
  readonly address: string;
}

/**
 * `ADDRESS`, or `HOST=ADDRESS`.
 *
 * @throws CliError `CLI_OPTION`
 */
export function parseConnect(text: string): Connect {
  const [, host, address = ""] = /^(?:([^=]+)=)?([^=]+)$/.exec(text) ?? [];
  if (isIP(address) === 0 && address !== "localhost" && !isHostName(address)) {
    throw new CliError(
      "CLI_OPTION",
      `--connect has ${JSON.stringify(text)}.`,
      "Give an IP address or a host name, with the table's host in front where there are several: mx1=192.0.2.1.",
    );
  }
  return { host: host ?? null, address };
}

function isHostName(text: string): boolean {
  try {
    parseHostName(text);
    return true;
  } catch {
    return false;
  }
}
