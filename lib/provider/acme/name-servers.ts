import { Resolver } from "node:dns/promises";

/** DNS could not be asked: not an answer that there is nothing. */
export class NameServerFailure extends Error {
  override readonly name = "NameServerFailure";
}

/** What DNS says now. */
export class NameServers {
  readonly #resolver = new Resolver({ timeout: 3000, tries: 2 });

  /** @param addresses `ADDRESS` or `ADDRESS:PORT`; null for those of this machine */
  constructor(addresses: readonly string[] | null) {
    if (addresses !== null) this.#resolver.setServers(addresses);
  }

  /** IPv4 and IPv6; none where the name does not exist, or has no address. @throws {NameServerFailure} */
  async addresses(name: string): Promise<readonly string[]> {
    const found = await Promise.all([
      answered(name, this.#resolver.resolve4(name)),
      answered(name, this.#resolver.resolve6(name)),
    ]);
    return found.flat();
  }

  /** TXT records, also where a CNAME leads to them. @throws {NameServerFailure} */
  async texts(name: string): Promise<readonly string[]> {
    const records = await answered(name, this.#resolver.resolveTxt(name));
    return records.map((parts) => parts.join(""));
  }
}

async function answered<T>(name: string, question: Promise<T[]>): Promise<T[]> {
  try {
    return await question;
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    if (code === "ENOTFOUND" || code === "ENODATA") return [];
    throw new NameServerFailure(`DNS could not be asked for ${name} (${code || message})`);
  }
}
