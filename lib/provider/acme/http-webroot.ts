import { get } from "node:http";
import { NameServerFailure, type NameServers } from "../../shared/dns/name-servers";
import { AcmeFailure } from "./failure";
import type { ChallengeResponse, Solver } from "./solver";
import { pause } from "./timeouts";

/** A host on which a web server serves a directory publicly. */
export interface WebHost {
  readonly name: string;
  /** @throws {Error} if the file cannot be written */
  put(path: string, text: string): Promise<void>;
  remove(path: string): Promise<void>;
}

/** The path below the web server's directory that a CA requests (RFC 8555 §8.3). */
const WELL_KNOWN = ".well-known/acme-challenge";

const LOOK_TIMEOUT_MS = 5_000;
const LOOK_ATTEMPTS = 3;
const LOOK_PAUSE_MS = 500;
/** In characters; a challenge has about a hundred. */
const LONGEST_ANSWER = 10_000;

/** Writes tokens to all hosts that a name may resolve to (http-01, RFC 8555 §8.3). */
export class HttpWebroot implements Solver {
  readonly type = "http-01";
  /** Hosts that did not receive all responses. */
  readonly #missed = new Set<WebHost>();

  constructor(
    private readonly directory: string,
    private readonly hosts: readonly WebHost[],
    /** Where the self-check looks the names up; null to skip it. */
    private readonly nameServers: NameServers | null,
  ) {}

  async present(responses: readonly ChallengeResponse[], signal?: AbortSignal): Promise<readonly string[]> {
    const problems = await this.#put(responses);
    // A host that is down fails nothing yet: the self-check, or the CA, finds out whether a name resolves to
    // it.
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
      `${problems.length > 0 ? `${this.#remedy()} ` : ""}Have the name's records lead to the mail host, where a web server on port 80 serves the challenge's directory; or remove the name. The CA was not asked. If only this machine cannot see it, set look_first = false to skip the self-check.`,
      undefined,
      undefined,
      seen.map(({ name }) => name),
    );
  }

  async withdraw(responses: readonly ChallengeResponse[]): Promise<readonly string[]> {
    const problems: string[] = [];
    for (const { host, path } of this.#files(responses)) {
      await host.remove(path).catch((error: Error) => {
        // The host received no token, so there is nothing to remove.
        if (this.#missed.has(host)) return;
        problems.push(`Host "${host.name}": ${error.message}. The file is harmless, and can be deleted.`);
      });
    }
    return problems;
  }

  /** @returns for each host that did not receive all of them, the reason as a sentence */
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

  /** Repeats the self-check: a web server may need a moment. */
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

/** The problem that the CA would find, as far as it shows from this machine. */
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

/** Errors that say only that this machine has no route, as for IPv6: the CA may have one. */
const NO_WAY = new Set(["ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT"]);

function lookAt(address: string, response: ChallengeResponse): Promise<string | null> {
  const { name, token } = response;
  const where = `${name} (${address}, port 80)`;
  return new Promise((resolve) => {
    const path = `/${WELL_KNOWN}/${token}`;
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
  // The CA follows redirects, and decides which targets it accepts.
  if (status >= 300 && status < 400) return null;
  if (status !== 200) return `with status ${status}`;
  return text.trim() === keyAuthorization ? null : "with something else";
}
