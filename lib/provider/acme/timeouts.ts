import { setTimeout } from "node:timers/promises";
import { AcmeFailure } from "./failure";

/** How long things at a CA may take. Whatever takes longer is reported instead of waited for. */
export interface AcmeTimeouts {
  /** One request. */
  readonly requestMs: number;
  /** A question that a plan can do without. */
  readonly renewalInformationMs: number;
  /** A CA that is busy, or a connection that failed, is tried again after so long, and twice as long, and so on. */
  readonly pauseMs: number;
  /** The longest single pause, also where the CA asks for a longer one: then the failure says until when. */
  readonly longestPauseMs: number;
  /** How often a request is made, the first time included. */
  readonly attempts: number;
  /** A CA that has not answered any of them is not asked again for so long: what needs it fails at once. */
  readonly silenceMs: number;
  /** The time until the CA has validated the challenges, and then until it has issued the certificate. */
  readonly orderMs: number;
  /** How often it is asked meanwhile, in the beginning. */
  readonly pollMs: number;
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
};

/** Waits. @throws {AcmeFailure} as soon as it is to end */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await setTimeout(milliseconds, undefined, { signal });
  } catch {
    throw new AcmeFailure("It was interrupted while it waited for the CA.", "Apply again.");
  }
}
