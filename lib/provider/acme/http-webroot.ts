import { get } from "node:http";
import { AcmeFailure } from "./failure";
import { NameServerFailure, type NameServers } from "./name-servers";
import type { ChallengeResponse, Solver } from "./solver";
import { pause } from "./timeouts";

/** A host on which a web server shows files of a directory to everybody. */
export interface WebHost {
  readonly name: string;
  /** Any error means that it could not be written. */
  put(path: string, text: string): Promise<void>;
  remove(path: string): Promise<void>;
}

/** Where below a web server's directory a CA looks (RFC 8555 §8.3). */
const WELL_KNOWN = ".well-known/acme-challenge";

const LOOK_TIMEOUT_MS = 5_000;
const LOOK_ATTEMPTS = 3;
const LOOK_PAUSE_MS = 500;
/** In characters: a challenge has some hundred. */
const LONGEST_ANSWER = 10_000;

/** Puts tokens on all hosts that a name may lead to (http-01, RFC 8555 §8.3). */
export class HttpWebroot implements Solver {
  readonly type = "http-01";
  /** Hosts that have not got all responses. */
  readonly #missed = new Set<WebHost>();

  constructor(
    private readonly directory: string,
    private readonly hosts: readonly WebHost[],
    /** For the own look before the CA is asked; null for none. */
    private readonly nameServers: NameServers | null,
  ) {}

  async present(responses: readonly ChallengeResponse[], signal?: AbortSignal): Promise<readonly string[]> {
    const problems = await this.#put(responses);
    // Where a name leads is seen by the look, or by the CA: a host that is down need not be the one.
    if (this.#missed.size === this.hosts.length) throw new AcmeFailure(problems.join(" "), this.#remedy());
    const { nameServers } = this;
    if (nameServers === null) return problems;
    const looks = await Promise.all(
      responses.map(async (response) => {
        const problem = await this.#lookPatiently(response, nameServers, signal);
        return problem === null ? [] : [{ name: response.name, problem: `${problem}.` }];
      }),
    );
    const seen = looks.flat();
    if (seen.length === 0) return problems;
    throw new AcmeFailure(
      [...seen.map(({ problem }) => problem), ...problems].join(" "),
      `${problems.length > 0 ? `${this.#remedy()} ` : ""}Have the name's records lead to the mail host, where a web server on port 80 serves the challenge's directory; or take the name out. The CA was not asked. Where only this machine cannot see it, set look_first = false to skip the self-check.`,
      undefined,
      undefined,
      seen.map(({ name }) => name),
    );
  }

  async withdraw(responses: readonly ChallengeResponse[]): Promise<readonly string[]> {
    const problems: string[] = [];
    for (const { host, path } of this.#files(responses)) {
      await host.remove(path).catch((error: Error) => {
        // The host received no token, and no name leads to it.
        if (this.#missed.has(host)) return;
        problems.push(`Host "${host.name}": ${error.message}. The file is harmless, and can be deleted.`);
      });
    }
    return problems;
  }

  /** @returns why a host has not all of them, a sentence a host */
  async #put(responses: readonly ChallengeResponse[]): Promise<readonly string[]> {
    const reasons = new Map<WebHost, string>();
    await Promise.all(
      this.#files(responses).map(({ host, path, response }) =>
        host.put(path, response.keyAuthorization).catch((error: Error) => {
          reasons.set(host, `The challenge cannot be put on host "${host.name}": ${error.message}.`);
        }),
      ),
    );
    for (const host of reasons.keys()) this.#missed.add(host);
    return [...reasons.values()];
  }

  #remedy(): string {
    const names = [...this.#missed].map(({ name }) => `"${name}"`).join(", ");
    return `Check ${names}, and that ${this.directory} is a writable directory there.`;
  }

  #files(responses: readonly ChallengeResponse[]) {
    return this.hosts.flatMap((host) =>
      responses.map((response) => ({
        host,
        response,
        path: `${this.directory}/${WELL_KNOWN}/${response.token}`,
      })),
    );
  }

  /** A web server may need a moment. */
  async #lookPatiently(
    response: ChallengeResponse,
    nameServers: NameServers,
    signal?: AbortSignal,
  ): Promise<string | null> {
    for (let attempt = 1; ; attempt++) {
      const problem = await look(response, nameServers);
      if (problem === null || attempt === LOOK_ATTEMPTS) return problem;
      await pause(LOOK_PAUSE_MS, signal);
    }
  }
}

/** What the CA would stumble over, as far as that can be seen from here. */
async function look(response: ChallengeResponse, nameServers: NameServers): Promise<string | null> {
  const { name } = response;
  try {
    const addresses = await nameServers.addresses(name);
    if (addresses.length === 0) return `${name} has no address in DNS`;
    const problems = await Promise.all(addresses.map((address) => lookAt(address, response)));
    return problems.find((problem) => problem !== null) ?? null;
  } catch (error) {
    if (error instanceof NameServerFailure) return `${name}: ${error.message}`;
    throw error;
  }
}

/** No way to an address from here says nothing about the CA, which may have one: not every machine has IPv6. */
const NO_WAY = new Set(["ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT"]);

function lookAt(address: string, response: ChallengeResponse): Promise<string | null> {
  const { name, token } = response;
  const where = `${name} (${address}, port 80)`;
  return new Promise((resolve) => {
    const path = `/${WELL_KNOWN}/${token}`;
    const sent = get({ host: address, port: 80, path, headers: { Host: name }, agent: false });
    // For all of it: an answer may go on for ever.
    const timer = setTimeout(() => sent.destroy(new Error("no answer in time")), LOOK_TIMEOUT_MS);
    sent.on("close", () => clearTimeout(timer));
    const fail = (error: NodeJS.ErrnoException) =>
      resolve(NO_WAY.has(error.code ?? "") ? null : `${where} cannot be reached: ${error.message}`);
    sent.on("error", fail);
    sent.on("response", (answer) => {
      let text = "";
      const judge = () => {
        const problem = problemOf(answer.statusCode ?? 0, text, response);
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

function problemOf(status: number, text: string, { keyAuthorization }: ChallengeResponse): string | null {
  // The CA follows redirects; where to is for the CA to judge.
  if (status >= 300 && status < 400) return null;
  if (status !== 200) return `with status ${status}`;
  return text.trim() === keyAuthorization ? null : "with something else";
}
