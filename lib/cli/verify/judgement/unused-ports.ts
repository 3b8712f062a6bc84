import { madeOnce } from "../../../shared/made-once";
import type { HandshakeFailure } from "../../../shared/tls/handshake-error";
import type { Answered, Outcome } from "../../../shared/tls/schedule";
import type { Question } from "../questions/question";

/** An answer, and whether its port is not in use although the service may have it. */
export interface PortAnswer extends Answered<Question> {
  readonly isUnused: boolean;
}

/**
 * Finds the optional ports that are not in use: no handshake found more there than a closed port, or a server without STARTTLS,
 * and another port of the same service serves TLS at the same address. If none does, the service may be down.
 *
 * Such answers of optional ports come last, because the other ports may answer later. All others are passed on as they arrive.
 */
export async function* withUnusedPorts(
  answered: AsyncIterable<Answered<Question>>,
): AsyncGenerator<PortAnswer> {
  const services = new Map<string, ServicePorts>();
  const closed: { readonly answer: Answered<Question>; readonly ports: ServicePorts }[] = [];
  for await (const answer of answered) {
    const ports = portsOf(services, answer.question);
    ports.note(answer);
    if (answer.question.expected.answer === "optional" && isClosed(answer.outcome))
      closed.push({ answer, ports });
    else yield { ...answer, isUnused: false };
  }
  for (const { answer, ports } of closed) yield { ...answer, isUnused: ports.isUnused(answer.question) };
}

/** What is known of the ports of a service, as one machine reaches it at one address. */
class ServicePorts {
  readonly #reacting = new Set<number>();
  #servesTls = false;

  note({ question, outcome }: Answered<Question>): void {
    if (!isClosed(outcome)) this.#reacting.add(question.endpoint.port);
    this.#servesTls ||= servesTls(outcome);
  }

  isUnused({ endpoint }: Question): boolean {
    return this.#servesTls && !this.#reacting.has(endpoint.port);
  }
}

function portsOf(
  services: Map<string, ServicePorts>,
  { endpoint, address, through }: Question,
): ServicePorts {
  const key = JSON.stringify([endpoint.host, endpoint.service, address, through]);
  return madeOnce(services, key, () => new ServicePorts());
}

/** Nothing offers TLS there, which may be on purpose. A port that is only slow, or that a firewall drops, is none of these. */
const CLOSED: ReadonlySet<HandshakeFailure> = new Set(["refused", "starttls-not-offered"]);

function isClosed(outcome: Outcome): boolean {
  return "error" in outcome && CLOSED.has(outcome.error.failure);
}

function servesTls(outcome: Outcome): boolean {
  return outcome.kind === "presented" || (outcome.kind === "failed" && outcome.error.failure === "alert");
}
