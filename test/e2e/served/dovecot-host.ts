import type { TerraformStack } from "cdktf";
import { Dovecot, type DovecotOptions, MailProtocol, Ownership } from "../../../lib";
import type { Dovecot as DovecotServer } from "../../support/dovecot";
import { type Reached, thisMachine } from "./reach";

/**
 * The host of a Dovecot that runs, as a stack declares it: with real commands and real owners, in the chroot where
 * there is one.
 *
 * @param doveadm what is run in place of `doveadm`
 */
export function dovecotHost(
  server: DovecotServer,
  reached: Reached = thisMachine,
  doveadm = inRoot(server, "doveadm"),
) {
  return (stack: TerraformStack) =>
    reached.declare(stack, {
      root: server.root,
      ownership: Ownership.APPLY,
      stateDirectory: `${server.directory}/ledger`,
      services: [dovecotService(server, doveadm)],
    });
}

/** A Dovecot that runs, as a service of a host. */
export function dovecotService(server: DovecotServer, doveadm = inRoot(server, "doveadm")): Dovecot {
  return (server.version === "2.3" ? Dovecot.v23 : Dovecot.v24)(dovecotOptions(server, doveadm));
}

/** What is said of it, whichever version it is declared as. */
export function dovecotOptions(server: DovecotServer, doveadm = inRoot(server, "doveadm")): DovecotOptions {
  const { directory, configFile, ports } = server;
  return {
    directory,
    configurationFile: configFile,
    doveconf: inRoot(server, "doveconf"),
    doveadm,
    endpoints: [
      { port: ports.imaps, protocol: MailProtocol.TLS },
      { port: ports.pop3s, protocol: MailProtocol.TLS },
      { port: ports.imap, protocol: MailProtocol.IMAP },
      { port: ports.pop3, protocol: MailProtocol.POP3 },
    ],
  };
}

/** A program as it is run for this Dovecot. */
export function inRoot({ root }: DovecotServer, program: string): string[] {
  return root === "/" ? [program] : ["chroot", root, program];
}
