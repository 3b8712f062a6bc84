import { lookup } from "node:dns/promises";
import { isIP } from "node:net";

/** The maximum number of lookups at a time: each occupies a thread of Node.js. */
const MOST_AT_ONCE = 4;

/** The addresses of names, from this machine's resolver. Names without an address are not in the map. */
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
