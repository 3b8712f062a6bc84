import { clockApart } from "../../shared/clock-apart";
import { rfc3339 } from "../../shared/time/rfc3339";
import type { Directory } from "./directory";
import { AcmeFailure } from "./failure";

/** So much changes nothing about when certificates are due, even of those that are valid for some days. */
const MOST_APART_MS = 86_400_000;

/**
 * Refuses to order if the clock of this machine is wrong, by that of the CA. By a clock that is weeks ahead, each new certificate is
 * due at once, and so is each of the stack: every apply would order all of them, until the CA's limits.
 *
 * @throws {AcmeFailure} also if the CA does not answer
 */
export async function refuseWrongClock(directory: Directory, signal?: AbortSignal): Promise<void> {
  // Fetched first: see `AcmeClient.post`.
  await directory.document(signal);
  const aheadMs = await directory.withRetries(async () => ({ done: await directory.clockAheadMs() }), signal);
  if (aheadMs === undefined || Math.abs(aheadMs) < MOST_APART_MS) return;
  const here = new Date();
  throw new AcmeFailure(
    `By the CA's clock, that of this machine is ${clockApart(-aheadMs)}: it is ${rfc3339(here)} here, and ${rfc3339(new Date(+here + aheadMs))} there.`,
    "Set the clock, with NTP so that it stays right, and apply again: nothing was ordered. If it is right, report this to the CA.",
  );
}
