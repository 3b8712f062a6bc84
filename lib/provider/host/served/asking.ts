import { setTimeout as delay } from "node:timers/promises";
import { fingerprintOf } from "../../../shared/certificate-facts";
import { asHandshakeError, HandshakeError } from "../../../shared/tls/handshake-error";
import { presentedLeaf } from "../../../shared/tls/presentation";
import { type Answered, answers, type Outcome } from "../../../shared/tls/schedule";
import { SessionLost } from "../../../shared/transport/session";
import type { Transport } from "../../../shared/transport/transport";
import type { ServedQuestion } from "./questions";

/** Limits for a plan, which must not take long. */
export interface AskingLimits {
  /** The maximum number of handshakes. */
  readonly handshakes: number;
  /** The maximum number of connections to one address at a time. */
  readonly connections: number;
  /** The time for one handshake, in milliseconds. */
  readonly handshakeMs: number;
  /** The time for all of them, in milliseconds. */
  readonly totalMs: number;
  /** The pause before what was not right is asked once more, in milliseconds: a reload takes a moment. */
  readonly pauseMs: number;
}

export const ASKING_LIMITS: AskingLimits = {
  handshakes: 2_000,
  connections: 4,
  handshakeMs: 10_000,
  totalMs: 30_000,
  pauseMs: 1_000,
};

export interface Asked {
  /** The last outcome of each question that was asked, or need not be: its endpoint does not answer. */
  readonly answered: readonly Answered<ServedQuestion>[];
  /** How many handshakes were made. */
  readonly handshakes: number;
  /** How many questions there was no time for. */
  readonly unasked: number;
}

/**
 * Asks the services of a host, and once more for everything that was not right.
 *
 * @throws {SessionLost} if the connection to the host is lost
 */
export async function askServed(
  questions: readonly ServedQuestion[],
  target: Transport["target"],
  signal: AbortSignal,
  limits: AskingLimits = ASKING_LIMITS,
): Promise<Asked> {
  const asker = new Asker(target, signal, limits);
  const first = await asker.all(questions);
  const doubtful = first.filter((one) => !isRight(one));
  if (doubtful.length > 0 && asker.hasTime(limits.pauseMs)) {
    await delay(limits.pauseMs);
    const again = new Map((await asker.all(doubtful.map(({ question }) => question))).map(byQuestion));
    const answered = first.map((one) => again.get(one.question) ?? one);
    return { answered, handshakes: asker.handshakes, unasked: questions.length - first.length };
  }
  return { answered: first, handshakes: asker.handshakes, unasked: questions.length - first.length };
}

/** Whether the certificate is presented that has to be. */
export function isRight({ question, outcome }: Answered<ServedQuestion>): boolean {
  if (outcome.kind !== "presented") return false;
  return fingerprintOf(outcome.presentation.certificates[0]) === question.fingerprint;
}

class Asker {
  handshakes = 0;
  readonly #end: number;
  #lost: SessionLost | undefined;

  constructor(
    private readonly target: Transport["target"],
    private readonly signal: AbortSignal,
    private readonly limits: AskingLimits,
  ) {
    this.#end = performance.now() + limits.totalMs;
  }

  hasTime(forMs: number): boolean {
    return !this.signal.aborted && performance.now() + forMs < this.#end;
  }

  /** Asks all questions. The answers exclude questions that there was no time for. */
  async all(questions: readonly ServedQuestion[]): Promise<Answered<ServedQuestion>[]> {
    const { connections } = this.limits;
    const unasked = new Set<ServedQuestion>();
    const ask = async (question: ServedQuestion): Promise<Outcome> => {
      const outcome = await this.#ask(question);
      if (outcome.kind === "not-asked") unasked.add(question);
      return outcome;
    };
    const answered: Answered<ServedQuestion>[] = [];
    for await (const one of answers(questions, { ask, connections })) {
      if (!unasked.has(one.question)) answered.push(one);
    }
    if (this.#lost !== undefined) throw this.#lost;
    return answered;
  }

  async #ask({ endpoint, serverName }: ServedQuestion): Promise<Outcome> {
    const { handshakeMs, totalMs, handshakes } = this.limits;
    const leftMs = this.#end - performance.now();
    const outOfTime: Outcome = { kind: "not-asked", error: HandshakeError.timeout("connect", totalMs) };
    if (this.#lost || this.signal.aborted || leftMs <= 0 || this.handshakes >= handshakes) return outOfTime;
    this.handshakes += 1;
    try {
      const options = { protocol: endpoint.protocol, serverName, deadlineMs: Math.min(handshakeMs, leftMs) };
      const presented = await presentedLeaf({ ...this.target(endpoint), ...options });
      return { kind: "presented", presentation: presented };
    } catch (error) {
      if (error instanceof SessionLost) {
        this.#lost = error;
        return outOfTime;
      }
      const failure = asHandshakeError(error, "handshake");
      // Cut off by the end of all time, and not by the server's silence.
      if (failure.failure === "timeout" && leftMs < handshakeMs) return outOfTime;
      return { kind: "failed", error: failure };
    }
  }
}

function byQuestion(answered: Answered<ServedQuestion>) {
  return [answered.question, answered] as const;
}
