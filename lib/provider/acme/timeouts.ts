import { setTimeout } from "node:timers/promises";
import { AcmeFailure } from "./failure";

/** How long requests and orders at a CA may take. What takes longer fails. */
export interface AcmeTimeouts {
  /** One request. */
  readonly requestMs: number;
  /** One request for information that a plan does not depend on. */
  readonly renewalInformationMs: number;
  /** The pause before the first retry. Each further one is twice as long. */
  readonly pauseMs: number;
  /** The longest pause. If the CA asks for a longer one, the request fails and says until when to wait. */
  readonly longestPauseMs: number;
  /** The number of attempts, the first one included. */
  readonly attempts: number;
  /** How long requests fail at once after the CA answered none of the attempts. */
  readonly silenceMs: number;
  /** The time for the CA to validate the challenges, and again to issue the certificate. */
  readonly orderMs: number;
  /** The first polling interval. */
  readonly pollMs: number;
  /** How long a stopped run still waits for validations that the CA has begun. */
  readonly validationGraceMs: number;
}

export const ACME_TIMEOUTS: AcmeTimeouts = {
  requestMs: 30_000,
  renewalInformationMs: 5_000,
  pauseMs: 1_000,
  longestPauseMs: 15_000,
  attempts: 4,
  silenceMs: 60_000,
  orderMs: 180_000,
  pollMs: 100,
  validationGraceMs: 10_000,
};

/** Waits. @param what it waits for @throws {AcmeFailure} when the signal aborts */
export async function pause(milliseconds: number, signal?: AbortSignal, what = "the CA"): Promise<void> {
  try {
    await setTimeout(milliseconds, undefined, { signal });
  } catch {
    throw interrupted(`while it waited for ${what}`);
  }
}

/** A signal that aborts some milliseconds after another one. Undefined without one. */
export function delayed(signal: AbortSignal | undefined, milliseconds: number): AbortSignal | undefined {
  if (signal === undefined) return undefined;
  const controller = new AbortController();
  const begin = () => setTimeout(milliseconds, undefined, { ref: false }).then(() => controller.abort());
  if (signal.aborted) void begin();
  else signal.addEventListener("abort", begin, { once: true });
  return controller.signal;
}

/**
 * @param before what has not begun
 * @throws {AcmeFailure} if the run was stopped, or its engine is gone: another run may have begun
 */
export function refuseStopped(signal: AbortSignal | undefined, before = "anything was ordered"): void {
  if (signal?.aborted) throw interrupted(`before ${before}`);
}

function interrupted(when: string): AcmeFailure {
  return new AcmeFailure(`It was interrupted ${when}.`, "Apply again.");
}
