import { lookup } from "node:dns/promises";
import { isIP } from "node:net";

/** Of this machine's resolver, which asks for each in a thread of its own. */
const MOST_AT_ONCE = 4;

/** The addresses of names, as this machine's resolver has them. A name without any is not in the map. */
export async function resolvedAddresses(
  names: Iterable<string>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  const waiting = [...new Set(names)];
  const work = async () => {
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      const addresses = await addressesOf(name);
      if (addresses.length > 0) found.set(name, addresses);
    }
  };
  await Promise.all(Array.from({ length: MOST_AT_ONCE }, work));
  return found;
}

async function addressesOf(name: string): Promise<string[]> {
  if (isIP(name) !== 0) return [name];
  try {
    const answers = await lookup(name, { all: true });
    return [...new Set(answers.map(({ address }) => address))].sort();
  } catch {
    return [];
  }
}
