import { get } from "node:http";
import { CHALLENGES } from "../acme/challenge-path";

const LOOK_TIMEOUT_MS = 5_000;
/** In characters; a challenge has about a hundred. */
const LONGEST_ANSWER = 10_000;

/** A challenge as a web server should serve it. */
export interface ServedChallenge {
  readonly name: string;
  readonly token: string;
  /** What the file holds. */
  readonly keyAuthorization: string;
}

/** Far above what a web server has. DNS may have thousands of addresses for a name, and each would be a connection. */
const MOST_ADDRESSES = 16;

/**
 * Looks at the addresses of a name, all at once: at the first sixteen.
 *
 * @param look returns what is wrong at an address, such as {@link challengeProblem}
 * @returns the first problem; null if there is none
 */
export async function problemAtAny(
  addresses: readonly string[],
  look: (address: string) => Promise<string | null>,
): Promise<string | null> {
  const problems = await Promise.all(addresses.slice(0, MOST_ADDRESSES).map(look));
  return problems.find((problem) => problem !== null) ?? null;
}

/** Errors that say only that this machine has no route, as for IPv6: the CA may have one. */
const NO_WAY = new Set(["ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT"]);

/**
 * Requests a challenge on port 80 of an address, as a CA does.
 *
 * @returns what is wrong, as a sentence without the name and its full stop; null if it is served, or if this machine cannot tell
 */
export function challengeProblem(address: string, challenge: ServedChallenge): Promise<string | null> {
  const { name, token } = challenge;
  const where = `${address} (port 80)`;
  return new Promise((resolve) => {
    const path = `/${CHALLENGES}/${token}`;
    const sent = get({ host: address, port: 80, path, headers: { Host: name }, agent: false });
    // One timeout for the whole response: a server may send it without end.
    const timer = setTimeout(() => sent.destroy(new Error("no answer in time")), LOOK_TIMEOUT_MS);
    sent.on("close", () => clearTimeout(timer));
    const fail = (error: NodeJS.ErrnoException) =>
      resolve(NO_WAY.has(error.code ?? "") ? null : `${where} cannot be reached: ${error.message}`);
    sent.on("error", fail);
    sent.on("response", (answer) => {
      let text = "";
      const judge = () => {
        const problem = problemOf(answer.statusCode ?? 0, text, challenge);
        resolve(problem && `${where} answers ${problem} where the challenge should be`);
        sent.destroy();
      };
      answer.on("error", fail);
      answer.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
        if (text.length > LONGEST_ANSWER) judge();
      });
      answer.on("end", judge);
    });
  });
}

function problemOf(status: number, text: string, { keyAuthorization }: ServedChallenge): string | null {
  // The CA follows redirects, and decides which targets it accepts.
  if (status >= 300 && status < 400) return null;
  if (status !== 200) return `with status ${status}`;
  return text.trim() === keyAuthorization ? null : "with something else";
}
