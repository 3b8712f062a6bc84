import type { MailPort } from "../../../shared/service/usual-ports";
import type { Addresses, ExpectedAnswer, Question } from "./question";

/** The ports of mail clients and servers (RFC 8314, RFC 5804), with their protocols. */
export const MAIL_PORTS: readonly MailPort[] = [
  { port: 993, protocol: "tls" },
  { port: 995, protocol: "tls" },
  { port: 465, protocol: "tls" },
  { port: 587, protocol: "smtp" },
  { port: 143, protocol: "imap" },
  { port: 110, protocol: "pop3" },
  { port: 25, protocol: "smtp" },
  { port: 4190, protocol: "sieve" },
];

export interface ByHandOptions {
  readonly names: readonly string[];
  /** The addresses to connect to for a name. */
  readonly addresses: (name: string) => Addresses;
  readonly ports: readonly MailPort[];
  /** `required` if the ports were given explicitly. */
  readonly answer: ExpectedAnswer;
}

/** Questions without a project: each name has to get a certificate that covers it. */
export function* questionsByHand({ names, addresses, ports, answer }: ByHandOptions): Generator<Question> {
  for (const { port, protocol } of ports) {
    for (const name of names) {
      for (const address of addresses(name)) {
        yield {
          endpoint: { host: address ?? name, service: null, port, protocol },
          address,
          asked: { kind: "name", name, serverName: name },
          expected: {
            domain: null,
            fingerprint: null,
            notAfter: null,
            said: null,
            domainNames: [],
            covers: "required",
            isRefused: false,
            answer,
          },
        };
      }
    }
  }
}
