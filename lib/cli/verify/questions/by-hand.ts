import type { MailPort } from "../../../shared/service/usual-ports";
import type { Addresses, ExpectedAnswer, Question } from "./question";

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
