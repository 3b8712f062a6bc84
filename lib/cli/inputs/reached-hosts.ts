import { madeOnce } from "../../shared/made-once";
import type { SniTableDocument } from "../../shared/sni-table/document";
import type { Project } from "./project";
import { hostsOf, type StackHost } from "./stack-hosts";

/** The hosts of a table whose servers can be asked, as the providers of their stacks reach them. */
export class ReachedHosts {
  readonly #stacks = new Map<string, ReadonlyMap<string, StackHost | string>>();

  /**
   * @param complain is called with a message for each host of the table whose servers cannot be asked
   * @throws CliError `CLI_NOT_SYNTHESIZED`, `CLI_PROJECT_INVALID`, `CLI_STACK_UNKNOWN`
   */
  constructor({ hosts }: SniTableDocument, project: Project, complain: (message: string) => void) {
    for (const { stack, host } of hosts) {
      const ofStack = madeOnce(this.#stacks, stack, () => askedOf(hostsOf(project.stack(stack))));
      const reached = ofStack.get(host) ?? "the provider of its stack does not connect to it";
      if (typeof reached === "string") complain(`Host ${host} is not asked: ${reached}.`);
    }
  }

  /** @returns undefined if the host's servers cannot be asked */
  find(stack: string, host: string): StackHost | undefined {
    const reached = this.#stacks.get(stack)?.get(host);
    return typeof reached === "string" ? undefined : reached;
  }
}

/** With a reason instead of a host to which deploys only write files. */
function askedOf(hosts: ReturnType<typeof hostsOf>): ReadonlyMap<string, StackHost | string> {
  const isFilesOnly = (host: StackHost | string) => typeof host !== "string" && !host.hasServers;
  return new Map(
    [...hosts].map(([name, host]) => [name, isFilesOnly(host) ? "deploys only write files there" : host]),
  );
}
