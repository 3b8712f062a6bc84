import { clockApart } from "../../shared/clock-apart";
import { rfc3339 } from "../../shared/time/rfc3339";
import type { Directory } from "./directory";
import { AcmeFailure } from "./failure";

/** So much changes nothing about when certificates are due, even of those that are valid for some days. */
const MOST_APART_MS = 86_400_000;

/** The clock of this machine is wrong, by that of the CA. */
export class WrongClock extends AcmeFailure {
  /** @param caTime the time of the CA @param now the time here */
  constructor(
    readonly caTime: Date,
    now: Date,
  ) {
    super(
      `By the CA's clock, that of this machine is ${clockApart(+now - +caTime)}: it is ${rfc3339(now)} here, and ${rfc3339(caTime)} there.`,
      "Set the clock, with NTP so that it stays right, and apply again: nothing was ordered. If it is right, report this to the CA.",
    );
  }
}

/**
 * The CA's time, if the clock of this machine is behind by a day or more. An answer that is dated so far ahead gives the reason to
 * compare the clocks, and does not decide alone: it would make all certificates due in each apply.
 *
 * @param saidAt the date of such an answer; null if it has none
 * @returns null if the clocks do not differ so much, or if the CA does not say
 */
export async function timeAhead(directory: Directory, saidAt: Date | null): Promise<Date | null> {
  if (saidAt === null || +saidAt - Date.now() < MOST_APART_MS) return null;
  try {
    const aheadMs = (await directory.clockAheadSoon()) ?? 0;
    return aheadMs < MOST_APART_MS ? null : new Date(Date.now() + aheadMs);
  } catch (error) {
    if (error instanceof AcmeFailure) return null;
    throw error;
  }
}

/**
 * Refuses to order if the clock of this machine is wrong, by that of the CA. By a clock that is weeks ahead, each new certificate is
 * due at once, and so is each of the stack: every apply would order all of them, until the CA's limits.
 *
 * @param isAllowed whether to order all the same, at that time of the CA
 * @throws {AcmeFailure} {@link WrongClock}, or another one if the CA does not answer
 */
export async function refuseWrongClock(
  directory: Directory,
  isAllowed: (caTime: Date) => boolean,
  signal?: AbortSignal,
): Promise<void> {
  // Fetched first: see `AcmeClient.post`.
  await directory.document(signal);
  const aheadMs = await directory.withRetries(async () => ({ done: await directory.clockAheadMs() }), signal);
  if (aheadMs === undefined || Math.abs(aheadMs) < MOST_APART_MS) return;
  const now = new Date();
  const caTime = new Date(+now + aheadMs);
  if (!isAllowed(caTime)) throw new WrongClock(caTime, now);
}
