import { groupBy } from "../../../shared/grouping";
import type { HandshakeError } from "../../../shared/tls/handshake-error";
import type { Outcome, Question } from "../questions/question";
import type { Ask } from "./probe";

export interface Answered {
  readonly question: Question;
  readonly outcome: Outcome;
}

export interface ScheduleOptions {
  readonly ask: Ask;
  /** How many connections are open to one address at a time. */
  readonly connections: number;
}

/** After so many handshakes in a row that all failed in the same way, the others of an endpoint are not asked. */
const MOST_FAILURES = 2;

/**
 * Asks all questions, and tells what came of each as soon as it is known. Addresses are asked beside each other, and so are
 * the endpoints of an address. An endpoint that does not answer has one connection at a time, so that it holds back no
 * other.
 */
export async function* answers(
  questions: Iterable<Question>,
  { ask, connections }: ScheduleOptions,
): AsyncGenerator<Answered> {
  const ready: Answered[] = [];
  let wake: () => void = () => {};
  let open = 0;
  const start = (queue: AddressQueue) => {
    for (let next = queue.next(); next !== undefined; next = queue.next()) void answer(queue, next);
  };
  const answer = async (queue: AddressQueue, { question, endpoint }: Next) => {
    open += 1;
    const outcome = endpoint.known ?? (await ask(question));
    queue.note(endpoint, outcome);
    ready.push({ question, outcome });
    start(queue);
    open -= 1;
    wake();
  };
  for (const ofAddress of groupBy(questions, ({ address }) => address).values()) {
    start(new AddressQueue(ofAddress, connections));
  }
  for (;;) {
    yield* ready.splice(0);
    if (ready.length > 0) continue;
    if (open === 0) return;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}

interface Next {
  readonly question: Question;
  readonly endpoint: EndpointQueue;
}

/** The questions to one address: one of each endpoint, then the next of each. */
class AddressQueue {
  #endpoints: EndpointQueue[];
  #open = 0;

  constructor(
    questions: readonly Question[],
    private readonly connections: number,
  ) {
    const ofPorts = groupBy(questions, ({ endpoint }) => endpoint.port);
    this.#endpoints = [...ofPorts.values()].map((ofPort) => new EndpointQueue(ofPort));
  }

  /** What may be asked now. */
  next(): Next | undefined {
    if (this.#open >= this.connections) return undefined;
    const endpoint = this.#endpoints.find((one) => one.isFree);
    if (endpoint === undefined) return undefined;
    const question = endpoint.take();
    const others = this.#endpoints.filter((one) => one !== endpoint);
    this.#endpoints = endpoint.isEmpty ? others : [...others, endpoint];
    this.#open += 1;
    return { question, endpoint };
  }

  note(endpoint: EndpointQueue, outcome: Outcome): void {
    this.#open -= 1;
    endpoint.note(outcome);
  }
}

class EndpointQueue {
  #at = 0;
  #open = 0;
  #answers = false;
  #failures = 0;
  #last: HandshakeError | undefined;

  constructor(private readonly questions: readonly Question[]) {}

  get isEmpty(): boolean {
    return this.#at === this.questions.length;
  }

  get isFree(): boolean {
    return this.#answers || this.#open === 0;
  }

  take(): Question {
    const question = this.questions[this.#at] as Question;
    this.#at += 1;
    this.#open += 1;
    return question;
  }

  /** What is known before anything is asked: that it will fail again. */
  get known(): Outcome | undefined {
    const error = this.#last;
    return this.#failures < MOST_FAILURES || error === undefined ? undefined : { kind: "not-asked", error };
  }

  note(outcome: Outcome): void {
    this.#open -= 1;
    if (outcome.kind === "not-asked" || outcome.kind === "no-address") return;
    this.#answers = outcome.kind === "presented" || isAnswer(outcome.error);
    if (outcome.kind === "presented" || isAnswer(outcome.error)) {
      this.#failures = 0;
      return;
    }
    this.#failures = this.#last?.failure === outcome.error.failure ? this.#failures + 1 : 1;
    this.#last = outcome.error;
  }
}

/** Whether it may be about this name alone, so that another is answered otherwise. */
function isAnswer({ failure }: HandshakeError): boolean {
  return failure === "alert" || failure === "protocol";
}
