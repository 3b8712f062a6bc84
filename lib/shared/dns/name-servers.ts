import { Resolver } from "node:dns/promises";

/** DNS could not be queried. A name without records is no failure. */
export class NameServerFailure extends Error {
  override readonly name = "NameServerFailure";
}

/** Looks up whether a TXT record has a value. */
export interface TextServers {
  /** Whether the record, or the one that a CNAME leads to, has the value. @throws {NameServerFailure} */
  hasText(name: string, value: string): Promise<boolean>;
}

/** A record that says which CAs may issue (RFC 8659). */
export interface CaaProperty {
  readonly flags: number;
  readonly tag: string;
  readonly value: string;
}

/** Queries DNS. */
export class NameServers implements TextServers {
  readonly #resolver = new Resolver({ timeout: 3000, tries: 2 });

  /** @param addresses of the name servers, `ADDRESS` or `ADDRESS:PORT`; null for those of this machine */
  constructor(addresses: readonly string[] | null) {
    if (addresses !== null) this.#resolver.setServers(addresses);
  }

  /** IPv4 and IPv6 addresses; empty if the name does not exist or has none. @throws {NameServerFailure} */
  async addresses(name: string): Promise<readonly string[]> {
    const found = await Promise.all([
      answered(name, this.#resolver.resolve4(name)),
      answered(name, this.#resolver.resolve6(name)),
    ]);
    return found.flat();
  }

  /** The CAA records of this very name, without those above it. @throws {NameServerFailure} */
  async authorities(name: string): Promise<readonly CaaProperty[]> {
    const records = await answered(name, this.#resolver.resolveCaa(name));
    return records.flatMap(({ critical, ...property }) =>
      Object.entries(property).map(([tag, value]) => ({ flags: critical, tag, value: String(value) })),
    );
  }

  async hasText(name: string, value: string): Promise<boolean> {
    const records = await answered(name, this.#resolver.resolveTxt(name));
    return records.some((parts) => parts.join("") === value);
  }

  /** The target of the CNAME record; undefined if there is none. @throws {NameServerFailure} */
  async alias(name: string): Promise<string | undefined> {
    return (await answered(name, this.#resolver.resolveCname(name)))[0];
  }

  /** The name servers of a zone; empty if the name is not that of a zone. @throws {NameServerFailure} */
  async zoneServers(name: string): Promise<readonly string[]> {
    return answered(name, this.#resolver.resolveNs(name));
  }
}

async function answered<T>(name: string, question: Promise<T[]>): Promise<T[]> {
  try {
    return await question;
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    if (code === "ENOTFOUND" || code === "ENODATA") return [];
    throw new NameServerFailure(`DNS could not be queried for ${name} (${code || message})`);
  }
}
