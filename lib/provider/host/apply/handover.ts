import { log } from "../../../shared/log";
import type { Problem } from "../desired/change";
import type { Service } from "../services/service";
import type { CommitState } from "./commit-states";
import { confirm } from "./confirmation";
import type { MovingName, MovingNames } from "./moving-names";
import type { TransactionContext } from "./transaction-context";
import type { Part } from "./work";

/** The moves of names between resources of one service: noted when one side has changed, ended when both have. */
export class Handover {
  readonly #moving: MovingNames;

  constructor(
    private readonly service: Service,
    private readonly context: TransactionContext,
  ) {
    this.#moving = context.memory.movingNames;
  }

  /**
   * Notes the names that parts wait for, and asks for those that have arrived by now. Both sides are in place then, so a
   * name that is presented another certificate undoes neither.
   *
   * @param state of the commit with these parts
   * @returns a problem for each name whose certificate is not presented
   */
  async complete(parts: readonly Part[], state: CommitState): Promise<Problem[]> {
    const { name } = this.service;
    for (const { work, moving } of parts) this.#moving.replace(name, work.change.token, moving);
    const arrived = await this.#arrived();
    this.#log(arrived);
    const problems = state === "confirmed" ? await this.#confirm(arrived) : [];
    this.#moving.arrived(arrived);
    return problems;
  }

  /** Forgets the names that parts wait for: their files were restored. */
  forget(parts: readonly Part[]): void {
    for (const { work } of parts) this.#moving.replace(this.service.name, work.change.token, []);
  }

  #log(arrived: readonly MovingName[]): void {
    const [host, service] = [this.context.host.name, this.service.name];
    const listed = (names: readonly MovingName[]) => names.map(({ name }) => name).join(", ");
    const moving = this.#moving.ofService(service);
    if (moving.length > 0)
      log("debug", "Names move between resources", {
        ...{ host, service, moving: listed(moving), arrived: listed(arrived) },
      });
  }

  /** The moving names whose own certificate the configuration selects by now. */
  async #arrived(): Promise<MovingName[]> {
    const moving = this.#moving.ofService(this.service.name);
    const chosen = await this.service.chosenCertificates(moving.map(({ name }) => name));
    return moving.filter(({ wanted }, index) => chosen[index] === wanted);
  }

  async #confirm(arrived: readonly MovingName[]): Promise<Problem[]> {
    const { host, transport, timeouts } = this.context;
    const expectations = arrived.flatMap((subject) => {
      const { name: serverName, fingerprint } = subject;
      return fingerprint === undefined ? [] : [{ subject, serverName, fingerprint }];
    });
    const { refuted, open } = await confirm(this.service.settings, expectations, timeouts, {
      name: host.name,
      canary: host.canary,
      target: (endpoint) => transport.target(endpoint),
      consequence: "The new files stay in place.",
    });
    return [...refuted.values(), ...open.values()];
  }
}
