import { madeOnce } from "../../shared/made-once";
import { type Connection, sameConnection } from "../../shared/transport/connection-settings";
import { Transports } from "../../shared/transport/ssh/transports";
import { TIMEOUTS } from "../../shared/transport/timeouts";
import type { HostSettings } from "./desired/host-settings";
import { Host } from "./host";
import { thisPlace } from "./record/this-machine";

/** The hosts of a stack, by name and by connection. A process opens each once. */
export class Hosts {
  readonly #open = new Map<string, Host>();
  readonly #transports = new Transports();

  /**
   * @param settings by name; null for a host whose settings are unknown before apply, and if those of all hosts are
   * @param onUnreachable for hosts that are no longer declared
   */
  constructor(
    readonly stack: string,
    private readonly settings: ReadonlyMap<string, HostSettings | null> | null,
    private readonly onUnreachable: HostSettings["onUnreachable"] = "fail",
    /** Identities of states that are lost or replaced, and whose files may be taken over. */
    readonly takesOver = new Set<string>(),
    /** Where this run is, as `thisPlace` names it. */
    readonly place = thisPlace(),
    /** Once the engine is gone, changes that have not begun on a host are left out. */
    private readonly isEngineGone?: () => boolean,
  ) {}

  /** Whether it is known before apply which hosts the provider declares. */
  get areKnown(): boolean {
    return this.settings !== null;
  }

  /** The names of all hosts that the provider declares. */
  get names(): readonly string[] {
    return [...(this.settings?.keys() ?? [])];
  }

  /** Undefined if the provider does not declare it, null if its settings are unknown before apply. */
  find(name: string): Host | null | undefined {
    const settings = this.settings?.get(name);
    return settings ? this.#host(settings) : settings;
  }

  /**
   * The host for a name that is no longer declared: a declared host with the same connection, if there is
   * one; otherwise the host by its last connection, without services.
   */
  formerly(name: string, connection: Connection): Host {
    const renamed = [...(this.settings?.values() ?? [])].find(
      (each) => each && sameConnection(each, connection),
    );
    const { onUnreachable } = this;
    return this.#host(renamed ?? { ...connection, name, onUnreachable, services: new Map() });
  }

  /** Records on each changed host that the engine is about to save the state. */
  async noteEndedStates(): Promise<void> {
    await Promise.all([...this.#open.values()].map((host) => host.noteEndedStates(this.place)));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((host) => host.close()));
    await this.#transports.close();
  }

  #host(settings: HostSettings): Host {
    const { name, ssh, root, stateDirectory, services } = settings;
    const key = JSON.stringify([name, ssh, root, stateDirectory, services.size]);
    const make = () => new Host(settings, this.#transports.to(settings), TIMEOUTS, this.isEngineGone);
    return madeOnce(this.#open, key, make);
  }
}
