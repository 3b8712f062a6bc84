import type { TerraformStack } from "cdktf";
import { type LocalMailHostProps, MailHost } from "../../../lib";
import { type Requirement, sshd } from "../../support/machine";
import { SshServer } from "../../support/ssh-server";

/** How a suite's stacks reach the host that they configure. */
export interface Reach {
  /** For titles. */
  readonly name: string;
  readonly requirements: readonly Requirement[];
  start(): Promise<Reached>;
}

export interface Reached {
  /** The host `mx1`. */
  declare(stack: TerraformStack, props: LocalMailHostProps): MailHost;
  stop(): Promise<void>;
}

export const thisMachine: Reached = {
  declare: (stack, props) => MailHost.local(stack, "mx1", props),
  stop: async () => {},
};

/** The machine that runs the engine. */
export const locally: Reach = { name: "this machine", requirements: [], start: async () => thisMachine };

/** A real OpenSSH server, which happens to be on this machine. */
export const bySsh: Reach = {
  name: "by ssh",
  requirements: [sshd],
  start: async () => reachedBy(await SshServer.start()),
};

/** A host behind a server that a suite has started itself. */
export function reachedBy(server: SshServer): Reached {
  const sshConfigFile = server.file("ssh_config", "");
  const { address, identityFile, hostKey } = server;
  return {
    declare: (stack, props) =>
      MailHost.ssh(stack, "mx1", { ...props, address, identityFile, sshConfigFile, hostKeys: [hostKey] }),
    stop: () => server.stop(),
  };
}
