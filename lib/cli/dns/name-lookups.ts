import { type CaaProperty, NameServerFailure, NameServers } from "../../shared/dns/name-servers";
import { madeOnce } from "../../shared/made-once";

/** After so long without any answer DNS is not asked for the other names. */
const SILENCE_MS = 30_000;

/** The DNS servers to ask; null for those of this machine. */
type Servers = readonly string[] | null;

/** DNS for all checks of a run: each question is asked once, and none any more after a long silence. */
export class NameLookups {
  readonly #servers = new Map<string, NameServers>();
  readonly #addresses = new Map<string, Promise<readonly string[]>>();
  readonly #authorities = new Map<string, Promise<readonly CaaProperty[]>>();
  #answeredAt = performance.now();

  /** @param silenceMs the time without any answer after which nothing more is asked */
  constructor(private readonly silenceMs = SILENCE_MS) {}

  /** IPv4 and IPv6 addresses. @throws {NameServerFailure} */
  addresses(name: string, servers: Servers): Promise<readonly string[]> {
    return madeOnce(this.#addresses, JSON.stringify([name, servers]), () =>
      this.#answer(name, () => this.#at(servers).addresses(name)),
    );
  }

  /** The CAA records of this very name. @throws {NameServerFailure} */
  authorities(name: string, servers: Servers): Promise<readonly CaaProperty[]> {
    return madeOnce(this.#authorities, JSON.stringify([name, servers]), () =>
      this.#answer(name, () => this.#at(servers).authorities(name)),
    );
  }

  #at(servers: Servers): NameServers {
    return madeOnce(this.#servers, JSON.stringify(servers), () => new NameServers(servers));
  }

  async #answer<T>(name: string, ask: () => Promise<T>): Promise<T> {
    if (performance.now() - this.#answeredAt > this.silenceMs)
      throw new NameServerFailure(`DNS was not asked for ${name}: it has not answered for a while`);
    const answer = await ask();
    this.#answeredAt = performance.now();
    return answer;
  }
}
