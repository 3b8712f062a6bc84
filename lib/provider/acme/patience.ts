import { setTimeout } from "node:timers/promises";
import { AcmeFailure } from "./failure";

/** How long things at a CA may take, in milliseconds. Whatever takes longer is reported instead of waited for. */
export interface AcmePatience {
  /** One request. */
  readonly request: number;
  /** A question that a plan can do without. */
  readonly renewalInformation: number;
  /** A CA that is busy, or a connection that failed, is tried again after so long, and twice as long, and so on. */
  readonly pause: number;
  /** The longest single pause, also where the CA asks for a longer one: then the failure says until when. */
  readonly longestPause: number;
  readonly attempts: number;
  /** A CA that has not answered any of them is not asked again for so long: what needs it fails at once. */
  readonly silence: number;
  /** Until the CA has looked at the challenges of an order, and then until it has issued the certificate. */
  readonly order: number;
  /** How often it is asked meanwhile, in the beginning. */
  readonly poll: number;
}

export const ACME_PATIENCE: AcmePatience = {
  request: 30_000,
  renewalInformation: 5_000,
  pause: 1_000,
  longestPause: 15_000,
  attempts: 4,
  silence: 60_000,
  order: 180_000,
  poll: 100,
};

/** Waits. @throws {AcmeFailure} as soon as it is to end */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await setTimeout(milliseconds, undefined, { signal });
  } catch {
    throw new AcmeFailure("It was interrupted while it waited for the CA.", "Apply again.");
  }
}
