import { ACME_TIMEOUTS, type AcmeTimeouts } from "../../lib/provider/acme/timeouts";

/**
 * Timeouts for a CA of a test's, which says at once what it will say: short pauses, two attempts, and no silence. What a
 * test changes is type-checked here, where a spread into an object of no type would take any name of a field.
 */
export function acmeTimeouts(changed: Partial<AcmeTimeouts> = {}): AcmeTimeouts {
  return { ...ACME_TIMEOUTS, pauseMs: 10, attempts: 2, silenceMs: 0, pollMs: 10, ...changed };
}
