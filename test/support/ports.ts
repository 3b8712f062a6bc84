import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Below the ports that Linux gives to those who ask for any (32768 and above, for listeners and for the near end of
 * every connection): one of those could be taken between a look at it and the start of the server it is for.
 */
const FIRST_PORT = 16_384;

/** Each of vitest's workers has as many of its own, so that two that look at once do not find the same. */
const PORTS_A_WORKER = 1_000;
const WORKERS = 16;

const worker = Number(process.env.VITEST_POOL_ID ?? 0) % WORKERS;
let next = randomInt(PORTS_A_WORKER);

/** A TCP port on 127.0.0.1 that nothing listens on, for a server that is told its own. */
export async function freePort(): Promise<number> {
  for (let looked = 0; looked < PORTS_A_WORKER; looked++) {
    const port = FIRST_PORT + worker * PORTS_A_WORKER + next;
    next = (next + 1) % PORTS_A_WORKER;
    if (await isFree(port)) return port;
  }
  throw new Error(`${PORTS_A_WORKER} ports were looked at, and are taken.`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
