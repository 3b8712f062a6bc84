import type { TerraformStack } from "cdktf";
import type { MailHost } from "../../../lib";
import { Dovecot } from "../../support/dovecot";
import type { DovecotVersion } from "../../support/dovecot-installation";
import { dovecot23, dovecot24, type Requirement } from "../../support/machine";
import { dovecotHost } from "../served/dovecot-host";
import { QmailHost } from "../served/qmail-host";

/** A mail server that presents what a stack has ordered. */
export interface MailServer {
  /** For titles. */
  readonly name: string;
  readonly requirements: readonly Requirement[];
  start(): Promise<RunningMailServer>;
}

export interface RunningMailServer {
  /** The host `mx1`, with this server as its only service. */
  readonly host: (stack: TerraformStack) => MailHost;
  /** The directory that the host's paths are below. */
  readonly root: string;
  stop(): Promise<void>;
}

export function dovecotServer(version: DovecotVersion = "2.3"): MailServer {
  return {
    name: `Dovecot ${version}`,
    requirements: [version === "2.3" ? dovecot23 : dovecot24],
    start: async () => {
      const server = await Dovecot.start({ version });
      return { host: dovecotHost(server), root: server.root, stop: () => server.stop() };
    },
  };
}

export const qmailServer: MailServer = {
  name: "qmail",
  requirements: [],
  start: async () => {
    const server = await QmailHost.start();
    return { host: server.declare, root: "/", stop: () => server.stop() };
  },
};
