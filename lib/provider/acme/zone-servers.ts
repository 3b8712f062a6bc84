import { isIPv6 } from "node:net";
import { NameServerFailure, NameServers, type TextServers } from "./name-servers";

const MOST_SERVERS = 12;
const MOST_ALIASES = 8;

/**
 * Asks the name servers of a record's own zone. Others remember for up to hours that a record was absent when it was first asked for,
 * which is commonly a moment before it is there. A CA asks any of the zone's, so all that answer have to have the record.
 */
export class ZoneServers implements TextServers {
  readonly #servers = new Map<string, Promise<readonly NameServers[]>>();

  /**
   * @param resolver who knows which servers a zone has; asked itself where none of those answers
   * @param port of the zone's servers
   */
  constructor(
    private readonly resolver: NameServers,
    private readonly port = 53,
  ) {}

  hasText(name: string, value: string): Promise<boolean> {
    return this.#hasText(name, value, MOST_ALIASES);
  }

  async #hasText(name: string, value: string, aliases: number): Promise<boolean> {
    const answers = await Promise.allSettled(
      (await this.#serversFor(name)).map((server) => this.#ask(server, name, value, aliases)),
    );
    const found = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
    for (const answer of answers) {
      if (answer.status === "rejected" && !(answer.reason instanceof NameServerFailure)) throw answer.reason;
    }
    return found.length === 0 ? this.resolver.hasText(name, value) : found.every(Boolean);
  }

  /** A server knows an alias of its zone, and need not know what it leads to. */
  async #ask(server: NameServers, name: string, value: string, aliases: number): Promise<boolean> {
    if (await server.hasText(name, value)) return true;
    const alias = aliases > 0 ? await server.alias(name) : undefined;
    return alias !== undefined && alias !== name && this.#hasText(alias, value, aliases - 1);
  }

  /** None where they cannot be found out, or are too many levels up to be the zone's own. */
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
