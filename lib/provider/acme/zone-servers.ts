import { isIPv6 } from "node:net";
import { NameServerFailure, NameServers, type TextServers } from "../../shared/dns/name-servers";

const MOST_SERVERS = 12;
const MOST_ALIASES = 8;

/** Whether a server has the value, or the alias that it gives instead. It knows a CNAME of its own zone, but not always the target. */
async function ask(server: NameServers, name: string, value: string): Promise<boolean | string> {
  if (await server.hasText(name, value)) return true;
  return (await server.alias(name)) ?? false;
}

/**
 * Queries the authoritative name servers of a record's zone. Resolvers cache for up to hours that a record is
 * absent. A CA may query any of the zone's servers, so all that answer must have the record.
 */
export class ZoneServers implements TextServers {
  readonly #servers = new Map<string, Promise<readonly NameServers[]>>();

  /**
   * @param resolver finds the zone's servers; queried itself if none of them answers
   * @param port of the zone's servers
   */
  constructor(
    private readonly resolver: NameServers,
    private readonly port = 53,
  ) {}

  hasText(name: string, value: string): Promise<boolean> {
    return this.#hasText(name, value, new Map());
  }

  /** @param seen the names that were asked for, with what came of it: all ways to a name share it, and a circle ends there */
  async #hasText(name: string, value: string, seen: Map<string, boolean>): Promise<boolean> {
    seen.set(name, false);
    const answers = await Promise.allSettled(
      (await this.#serversFor(name)).map((server) => ask(server, name, value)),
    );
    const found = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
    for (const answer of answers) {
      if (answer.status === "rejected" && !(answer.reason instanceof NameServerFailure)) throw answer.reason;
    }
    const isThere =
      found.length === 0
        ? await this.resolver.hasText(name, value)
        : await this.#haveText(new Set(found), value, seen);
    seen.set(name, isThere);
    return isThere;
  }

  /** One after another, so that what is found of one counts for the next. A zone with other aliases at each server has no end. */
  async #haveText(
    found: ReadonlySet<string | boolean>,
    value: string,
    seen: Map<string, boolean>,
  ): Promise<boolean> {
    for (const each of found) {
      if (each === true) continue;
      if (each === false) return false;
      const isThere =
        seen.get(each) ?? (seen.size <= MOST_ALIASES && (await this.#hasText(each, value, seen)));
      if (!isThere) return false;
    }
    return true;
  }

  /** The servers of the closest zone above the name, top-level domains excluded; empty if they cannot be found. */
  async #serversFor(name: string): Promise<readonly NameServers[]> {
    const labels = name.split(".");
    for (let first = 0; first < labels.length - 1; first++) {
      const zone = labels.slice(first).join(".");
      const servers = await this.#serversOf(zone);
      if (servers.length > 0) return servers;
    }
    return [];
  }

  #serversOf(zone: string): Promise<readonly NameServers[]> {
    const known = this.#servers.get(zone) ?? this.#findServers(zone);
    this.#servers.set(zone, known);
    return known;
  }

  async #findServers(zone: string): Promise<readonly NameServers[]> {
    try {
      const names = await this.resolver.zoneServers(zone);
      const addresses = await Promise.all(
        names.slice(0, MOST_SERVERS).map((each) => this.resolver.addresses(each)),
      );
      return [...new Set(addresses.flat())]
        .slice(0, MOST_SERVERS)
        .map((address) => new NameServers([`${isIPv6(address) ? `[${address}]` : address}:${this.port}`]));
    } catch (error) {
      if (error instanceof NameServerFailure) return [];
      throw error;
    }
  }
}
