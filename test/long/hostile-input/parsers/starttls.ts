import { Duplex } from "node:stream";
import { HandshakeError } from "../../../../lib/shared/tls/handshake-error";
import { LineStream } from "../../../../lib/shared/tls/line-stream";
import type { StartTlsProtocol } from "../../../../lib/shared/tls/protocols";
import { startTls } from "../../../../lib/shared/tls/starttls";
import { ENDLESS_ANSWERS, REFUSING_GREETINGS } from "../../../support/hostile-peers";
import type { Parser } from "./parser";

const SERVERS: Readonly<Record<StartTlsProtocol, readonly string[]>> = {
  smtp: [
    "220 mx1 ESMTP\r\n250-mx1\r\n250-SIZE 1000\r\n250 STARTTLS\r\n220 go\r\n",
    "220-mx1\r\n220 ESMTP\r\n250 mx1\r\n",
  ],
  imap: [
    "* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n* CAPABILITY IMAP4rev1 STARTTLS\r\na1 OK done\r\na2 OK begin\r\n",
    "* PREAUTH hello\r\n",
  ],
  pop3: ["+OK ready\r\n+OK\r\nCAPA\r\nSTLS\r\n.\r\n+OK begin\r\n", "+OK\r\n-ERR what\r\n-ERR no\r\n"],
  sieve: [
    '"IMPLEMENTATION" "Dovecot"\r\n"SASL" ""\r\n"STARTTLS"\r\nOK "ready"\r\nOK "begin"\r\n',
    '"VERSION" {5}\r\n1.0ab\r\n"STARTTLS"\r\nOK\r\nOK\r\n',
  ],
};

export function startTlsParser(protocol: StartTlsProtocol): Parser {
  return {
    name: `the answers of a server before TLS, ${protocol}`,
    seeds: [...SERVERS[protocol], ...hostileServers(protocol)],
    throws: (error) =>
      error instanceof HandshakeError || (error as NodeJS.ErrnoException).code === "ECONNRESET",
    read: async (input) => {
      const lines = new LineStream(serverThatSays(input));
      await startTls(protocol, lines, () => {});
      lines.release();
    },
    repeats: ["250-a\r\n", "* a\r\n", "* CAPABILITY ", " STARTTLS", "{1}\r\na", "{9}", "+OK\r\n", '"a"\r\n'],
  };
}

function hostileServers(protocol: StartTlsProtocol): readonly string[] {
  return [...REFUSING_GREETINGS.map(([spoken, line]) => [spoken, `${line}\r\n`] as const), ...ENDLESS_ANSWERS]
    .filter(([spoken]) => spoken === protocol)
    .map(([, line]) => line);
}

/** Says all of it, in pieces, and hangs up. */
function serverThatSays(input: Buffer): Duplex {
  const piece = 1 + (input.length % 1447);
  let at = 0;
  return new Duplex({
    read() {
      this.push(at < input.length ? input.subarray(at, at + piece) : null);
      at += piece;
    },
    write: (_chunk, _encoding, done) => done(),
  });
}
