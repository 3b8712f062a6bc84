import type { HandshakeFailure } from "../../../shared/tls/handshake-error";
import type { Presentation } from "../../../shared/tls/presentation";
import type { Answered, Outcome } from "../../../shared/tls/schedule";
import type { Question } from "../questions/question";
import { unusedPort } from "./failure-findings";
import { type Finding, SEVERITIES, type Severity } from "./finding";
import { type JudgementOptions, judge } from "./judgement";
import { withUnusedPorts } from "./unused-ports";

export interface JudgedOptions extends JudgementOptions {
  /**
   * Checks whether certificates are revoked.
   *
   * @default - revocation is not checked
   */
  readonly revocation?: (certificates: Presentation["certificates"]) => Promise<readonly Finding[]>;
}

/** A question, its outcome, and the findings about it. */
export interface Result {
  readonly question: Question;
  readonly outcome: Outcome;
  readonly findings: readonly Finding[];
}

/** Whether the handshake was at an optional port that is closed, while others of the service answer. */
export function isAtUnusedPort({ findings }: Pick<Result, "findings">): boolean {
  return findings.some(({ code }) => code === "VERIFY_PORT_UNUSED");
}

/** Adds the findings to each answer, in order of arrival. Optional ports that are closed come last. */
export async function* judged(
  answered: AsyncIterable<Answered<Question>>,
  { revocation = async () => [], ...options }: JudgedOptions,
): AsyncGenerator<Result> {
  const known = new Map<string, readonly Finding[]>();
  for await (const { question, outcome, isUnused } of withUnusedPorts(answered)) {
    if (isUnused && "error" in outcome) {
      yield { question, outcome, findings: [unusedPort(question, outcome)] };
      continue;
    }
    const findings = judge(question, outcome, { known, ...options });
    const more = outcome.kind === "presented" ? await revocation(outcome.presentation.certificates) : [];
    yield { question, outcome, findings: [...findings, ...more] };
  }
}

/** The totals of all results. */
export class Summary {
  #handshakes = 0;
  #answered = 0;
  #unused = 0;
  readonly #findings: Record<Severity, number> = { error: 0, warning: 0, note: 0 };
  #right = 0;

  add({ outcome, findings }: Result): void {
    this.#handshakes += 1;
    for (const { severity } of findings) this.#findings[severity] += 1;
    if (isAtUnusedPort({ findings })) {
      this.#unused += 1;
      return;
    }
    if (!isAnswer(outcome)) return;
    this.#answered += 1;
    const severity = worst(findings);
    if (severity === null || severity === "note") this.#right += 1;
  }

  get handshakes(): number {
    return this.#handshakes;
  }

  /** The number of handshakes at optional ports that are closed, while others of the service answer. */
  get unused(): number {
    return this.#unused;
  }

  get findings(): Readonly<Record<Severity, number>> {
    return this.#findings;
  }

  /** The number of answered handshakes without errors and warnings. */
  get right(): number {
    return this.#right;
  }

  /** 0: no errors. 1: errors. 2: nothing could be checked. */
  get exitCode(): 0 | 1 | 2 {
    if (this.#answered === 0) return 2;
    return this.#findings.error > 0 ? 1 : 0;
  }
}

/** Whether a server said something: without a certificate too, when it has no TLS, or refuses it. */
function isAnswer(outcome: Outcome): boolean {
  if (outcome.kind === "presented") return true;
  return outcome.kind === "failed" && ANSWERS.has(outcome.error.failure);
}

const ANSWERS: ReadonlySet<HandshakeFailure> = new Set(["alert", "protocol", "starttls-not-offered"]);

/** The worst severity; null without findings. */
export function worst(findings: readonly Finding[]): Severity | null {
  return SEVERITIES.find((severity) => findings.some((one) => one.severity === severity)) ?? null;
}
