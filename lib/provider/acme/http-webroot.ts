import { CHALLENGES } from "../../shared/acme/challenge-path";
import { NameServerFailure, type NameServers } from "../../shared/dns/name-servers";
import { groupBy } from "../../shared/grouping";
import { challengeProblem, problemAtAny } from "../../shared/http/challenge-look";
import { KeyedLimit } from "../../shared/keyed-limit";
import { AcmeFailure } from "./failure";
import type { ChallengeResponse, Solver } from "./solver";
import { pause, refuseStopped } from "./timeouts";

/** A host on which a web server serves a directory publicly. */
export interface WebHost {
  readonly name: string;
  /** @throws {Error} if the file cannot be written */
  put(path: string, text: string): Promise<void>;
  remove(path: string): Promise<void>;
}

const LOOK_ATTEMPTS = 3;
const LOOK_PAUSE_MS = 500;
/** Of all orders of this process: with `-parallelism=100` they would open hundreds of connections to a web server at once. */
const LOOKS_AT_AN_ADDRESS = new KeyedLimit(32);

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
        const problem = await this.#lookWithRetries(response, nameServers, signal);
        return problem === null ? [] : [{ name: response.name, problem }];
      }),
    );
    const seen = looks.flat();
    if (seen.length === 0) return problems;
    throw new AcmeFailure(
      [...byProblem(seen), ...problems].join(" "),
      `${problems.length > 0 ? `${this.#remedy()} ` : ""}The challenge was written to ${this.directory}/${CHALLENGES} on ${this.#reached()}. Have the name's records lead there, and a web server on port 80 serve ${this.directory}; or remove the name. The CA was not asked. If only this machine cannot see it, set look_first = false to skip the self-check.`,
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

  #reached(): string {
    const reached = this.hosts.filter((host) => !this.#missed.has(host));
    return reached.map(({ name }) => `"${name}"`).join(", ");
  }

  #files(responses: readonly ChallengeResponse[]) {
    return this.hosts.flatMap((host) =>
      responses.map((response) => ({
        host,
        response,
        path: `${this.directory}/${CHALLENGES}/${response.token}`,
      })),
    );
  }

  /** Repeats the self-check: a web server may need a moment. */
  async #lookWithRetries(
    response: ChallengeResponse,
    nameServers: NameServers,
    signal?: AbortSignal,
  ): Promise<string | null> {
    for (let attempt = 1; ; attempt++) {
      const problem = await look(response, nameServers, signal);
      if (problem === null || attempt === LOOK_ATTEMPTS) return problem;
      await pause(LOOK_PAUSE_MS, signal);
    }
  }
}

/** A sentence for each problem, with all its names: those of a domain mostly have the same. */
function byProblem(seen: readonly { readonly name: string; readonly problem: string }[]): readonly string[] {
  const groups = groupBy(seen, ({ problem }) => problem);
  return [...groups].map(([problem, those]) => `${those.map(({ name }) => name).join(", ")}: ${problem}.`);
}

/** The problem that the CA would find, as far as it shows from this machine. */
async function look(
  response: ChallengeResponse,
  nameServers: NameServers,
  signal?: AbortSignal,
): Promise<string | null> {
  const { name } = response;
  try {
    const addresses = await nameServers.addresses(name);
    if (addresses.length === 0) return "no address in DNS";
    return await problemAtAny(addresses, (address) =>
      LOOKS_AT_AN_ADDRESS.run(address, () => {
        refuseStopped(signal, "the CA was asked");
        return challengeProblem(address, response);
      }),
    );
  } catch (error) {
    if (error instanceof NameServerFailure) return error.message;
    throw error;
  }
}
