import { groupBy } from "../grouping";
import type { HandshakeError } from "./handshake-error";
import type { Presentation } from "./presentation";

/** A handshake to make. */
export interface Question {
  /** IP address or name to connect to; null if DNS has none. */
  readonly address: string | null;
  readonly endpoint: { readonly port: number };
}

/** The outcome of a question. */
export type Outcome =
  | { readonly kind: "presented"; readonly presentation: Presentation }
  | { readonly kind: "failed"; readonly error: HandshakeError }
  /** No handshake was made: several had failed at the endpoint before, or there was no time left. */
  | { readonly kind: "not-asked"; readonly error: HandshakeError }
  | { readonly kind: "no-address" };

/** Asks a question: one handshake at most. */
export type Ask<Q extends Question> = (question: Q) => Promise<Outcome>;

export interface Answered<Q extends Question> {
  readonly question: Q;
  readonly outcome: Outcome;
}

export interface ScheduleOptions<Q extends Question> {
  readonly ask: Ask<Q>;
  /** The maximum number of open connections to one machine. */
  readonly connections: number;
  /**
   * The machine that a question is for.
   *
   * @default its address
   */
  readonly machineOf?: (question: Q) => string | null;
}

/** After so many handshakes in a row that failed in the same way, the remaining questions of an endpoint are skipped. */
const MOST_FAILURES = 2;

/**
 * While so many outcomes are ready, no further handshake begins. A caller that is slow, as the reader of its output may be,
 * must not fill the memory with certificates.
 */
const MOST_READY = 64;

/**
 * Asks all questions, and yields each outcome as soon as it is known. Machines are queried in parallel, and so are
 * the endpoints of a machine. An endpoint that does not answer gets one connection at a time, and a slow one gets its share
 * of them, so that neither delays the others. A caller that takes no outcomes delays further handshakes, but none that is open.
 */
export async function* answers<Q extends Question>(
  questions: Iterable<Q>,
  { ask, connections, machineOf = ({ address }) => address }: ScheduleOptions<Q>,
): AsyncGenerator<Answered<Q>> {
  const ready: Answered<Q>[] = [];
  /** The queues that wait until the caller has taken outcomes. */
  const waiting = new Set<MachineQueue<Q>>();
  let wake: () => void = () => {};
  let open = 0;
  const start = (queue: MachineQueue<Q>) => {
    for (let next = queue.next(); next !== undefined; next = queue.next()) {
      const { known } = next.endpoint;
      if (known === undefined) void answer(queue, next);
      // In this loop, and not by calling each other: a host that is down has tens of thousands of these.
      else note(queue, next, known);
    }
  };
  const answer = async (queue: MachineQueue<Q>, next: Next<Q>) => {
    open += 1;
    note(queue, next, await ask(next.question));
    if (ready.length < MOST_READY) start(queue);
    else waiting.add(queue);
    open -= 1;
    wake();
  };
  const note = (queue: MachineQueue<Q>, { question, endpoint }: Next<Q>, outcome: Outcome) => {
    queue.note(endpoint, outcome);
    ready.push({ question, outcome });
  };
  for (const ofMachine of groupBy(questions, machineOf).values()) {
    start(new MachineQueue(ofMachine, connections));
  }
  for (;;) {
    yield* ready.splice(0);
    if (ready.length >= MOST_READY) continue;
    for (const queue of waiting) {
      waiting.delete(queue);
      start(queue);
    }
    if (ready.length > 0) continue;
    if (open === 0) return;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}

interface Next<Q extends Question> {
  readonly question: Q;
  readonly endpoint: EndpointQueue<Q>;
}

/** The questions for one machine, taken from its endpoints in turn. */
class MachineQueue<Q extends Question> {
  #endpoints: EndpointQueue<Q>[];
  #open = 0;

  constructor(
    questions: readonly Q[],
    private readonly connections: number,
  ) {
    const ofPorts = groupBy(questions, ({ address, endpoint }) => `${address} ${endpoint.port}`);
    this.#endpoints = [...ofPorts.values()].map((ofPort) => new EndpointQueue(ofPort));
  }

  /** The next question; undefined if there is none, or if no further connection may be opened now. */
  next(): Next<Q> | undefined {
    if (this.#open >= this.connections) return undefined;
    const share = Math.ceil(this.connections / this.#endpoints.length);
    const endpoint = this.#endpoints.find((one) => one.hasRoom(share));
    if (endpoint === undefined) return undefined;
    const question = endpoint.take();
    const others = this.#endpoints.filter((one) => one !== endpoint);
    this.#endpoints = endpoint.isEmpty ? others : [...others, endpoint];
    this.#open += 1;
    return { question, endpoint };
  }

  note(endpoint: EndpointQueue<Q>, outcome: Outcome): void {
    this.#open -= 1;
    endpoint.note(outcome);
  }
}

class EndpointQueue<Q extends Question> {
  #at = 0;
  #open = 0;
  #answers = false;
  #failures = 0;
  #last: HandshakeError | undefined;

  constructor(private readonly questions: readonly Q[]) {}

  get isEmpty(): boolean {
    return this.#at === this.questions.length;
  }

  /** @param share how many connections it may have, at least one */
  hasRoom(share: number): boolean {
    return this.#open < (this.#answers ? share : 1);
  }

  take(): Q {
    const question = this.questions[this.#at] as Q;
    this.#at += 1;
    this.#open += 1;
    return question;
  }

  /** The outcome without a handshake, after {@link MOST_FAILURES} equal failures; undefined before. */
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

/** Whether the failure may concern this name only, so that the server may answer for another one. */
function isAnswer({ failure }: HandshakeError): boolean {
  return failure === "alert" || failure === "protocol";
}
