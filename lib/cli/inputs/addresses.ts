import { lookup } from "node:dns/promises";
import { isIP } from "node:net";

/** The maximum number of lookups at a time: each occupies a thread of Node.js. */
const MOST_AT_ONCE = 4;
/** Far above what mail servers have. Each is asked for every name, so that records without end would be handshakes without end. */
export const MOST_ADDRESSES = 16;
/** After so long without any answer the resolver is not asked for the other names. */
const SILENCE_MS = 30_000;

export interface Resolved {
  /** By name; a name without any is not in the map. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
  /** The names for which there was no answer: whether they have addresses is not known. */
  readonly unanswered: readonly string[];
  /** The names that have more addresses than are taken. */
  readonly cut: readonly string[];
}

export interface ResolverOptions {
  /** @default the resolver of this machine */
  readonly addressesOf?: (name: string) => Promise<readonly string[]>;
  /** @default 30000 */
  readonly silenceMs?: number;
}

/** Looks up the addresses of names. */
export async function resolvedAddresses(
  names: Iterable<string>,
  { addressesOf = systemAddresses, silenceMs = SILENCE_MS }: ResolverOptions = {},
): Promise<Resolved> {
  const addresses = new Map<string, readonly string[]>();
  const unanswered: string[] = [];
  const cut: string[] = [];
  const waiting = [...new Set(names)];
  let answeredAt = performance.now();
  const resolve = async (name: string) => {
    const found = await within(silenceMs, addressesOf(name)).catch(withoutAnswer);
    if (found === null) {
      unanswered.push(name);
      return;
    }
    answeredAt = performance.now();
    const distinct = [...new Set(found)].sort();
    if (distinct.length > MOST_ADDRESSES) cut.push(name);
    if (distinct.length > 0) addresses.set(name, distinct.slice(0, MOST_ADDRESSES));
  };
  const work = async () => {
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      if (performance.now() - answeredAt < silenceMs) await resolve(name);
      else unanswered.push(name);
    }
  };
  await Promise.all(Array.from({ length: MOST_AT_ONCE }, work));
  return { addresses, unanswered: unanswered.sort(), cut: cut.sort() };
}

async function systemAddresses(name: string): Promise<string[]> {
  if (isIP(name) !== 0) return [name];
  const answers = await lookup(name, { all: true });
  return answers.map(({ address }) => address);
}

/** Null where there was no answer; empty where the answer is that the name has no addresses, or cannot have any. */
function withoutAnswer(error: NodeJS.ErrnoException): null | [] {
  return error.code === TIMED_OUT || error.code?.startsWith("EAI_") ? null : [];
}

const TIMED_OUT = "ETIMEDOUT";

/** The lookup itself cannot be ended. */
async function within<T>(milliseconds: number, lookedUp: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    const error = Object.assign(new Error("no answer came in time"), { code: TIMED_OUT });
    timer = setTimeout(() => reject(error), milliseconds);
  });
  try {
    return await Promise.race([lookedUp, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
