import { Host } from "./host";
import type { Connection, HostSettings } from "./settings";
import { LocalTransport } from "./transport";

/** The hosts of a stack, by name and by connection; each is opened once a process. */
export class Hosts {
  readonly #open = new Map<string, Host>();

  /** @param settings by name; a host whose settings are not known before apply has none yet */
  constructor(
    readonly stack: string,
    private readonly settings: ReadonlyMap<string, HostSettings | null>,
  ) {}

  /** Undefined where the provider does not declare it, null where its settings are not known before apply. */
  find(name: string): Host | null | undefined {
    const settings = this.settings.get(name);
    return settings ? this.#host(settings) : settings;
  }

  /** A host that is no longer declared, as it was last reached: without its services. */
  formerly(name: string, connection: Connection): Host {
    return this.#host({ ...connection, name, services: new Map() });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((host) => host.close()));
  }

  #host(settings: HostSettings): Host {
    const key = JSON.stringify([
      settings.name,
      settings.root,
      settings.stateDirectory,
      settings.services.size,
    ]);
    let host = this.#open.get(key);
    if (!host) {
      host = new Host(settings, new LocalTransport());
      this.#open.set(key, host);
    }
    return host;
  }
}
