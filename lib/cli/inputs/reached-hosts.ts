import { madeOnce } from "../../shared/made-once";
import type { SniTableDocument } from "../../shared/sni-table/document";
import type { Project } from "./project";
import { hostsOf, type StackHost } from "./stack-hosts";

/** The hosts of a table as the providers of their stacks reach them. */
export class ReachedHosts {
  readonly #stacks = new Map<string, ReturnType<typeof hostsOf>>();

  /**
   * @param complain is called with a message for each host of the table that cannot be reached
   * @throws CliError `CLI_NOT_SYNTHESIZED`, `CLI_PROJECT_INVALID`, `CLI_STACK_UNKNOWN`
   */
  constructor({ hosts }: SniTableDocument, project: Project, complain: (message: string) => void) {
    for (const { stack, host } of hosts) {
      const ofStack = madeOnce(this.#stacks, stack, () => hostsOf(project.stack(stack)));
      const reached = ofStack.get(host) ?? "the provider of its stack does not connect to it";
      if (typeof reached === "string") complain(`Host ${host} is not asked: ${reached}.`);
    }
  }

  /** @returns undefined if the host cannot be reached */
  find(stack: string, host: string): StackHost | undefined {
    const reached = this.#stacks.get(stack)?.get(host);
    return typeof reached === "string" ? undefined : reached;
  }
}
