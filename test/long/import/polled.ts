import { setTimeout as delay } from "node:timers/promises";
import { type Endpoint, presentedCertificate } from "../../../lib/shared/tls/handshake";
import { HandshakeError } from "../../../lib/shared/tls/handshake-error";

/** What was presented while something was done. */
export interface Polled<T> {
  readonly result: T;
  /** The names that were presented another certificate, with its fingerprint. */
  readonly wrong: readonly string[];
  /** How many names were asked for. */
  readonly asked: number;
}

/**
 * Asks a server for names in turn, one each 50 ms, while `work` is done.
 *
 * @param expected the fingerprint of each name's certificate
 */
export async function polled<T>(
  endpoint: Endpoint,
  expected: ReadonlyMap<string, string>,
  work: () => Promise<T>,
): Promise<Polled<T>> {
  const wanted = [...expected];
  const wrong: string[] = [];
  let [asked, working] = [0, true];
  const polling = (async () => {
    for (let index = 0; working; index += 7) {
      const [name, fingerprint] = wanted[index % wanted.length] as [string, string];
      try {
        const { leaf } = await presentedTo(name, endpoint);
        asked += 1;
        if (leaf.fingerprintSha256 !== fingerprint) wrong.push(`${name}: ${leaf.fingerprintSha256}`);
      } catch (error) {
        // Dovecot turns clients away while a reload replaces its processes; they connect again.
        if (!(error instanceof HandshakeError)) throw error;
      }
      await delay(50);
    }
  })();
  try {
    return { result: await work(), wrong, asked };
  } finally {
    working = false;
    await polling;
  }
}

/** The certificate that a server presents to a client that asks for a name. */
export function presentedTo(serverName: string, endpoint: Endpoint) {
  return presentedCertificate({ endpoint, protocol: "tls", serverName, deadlineMs: 10_000 });
}
