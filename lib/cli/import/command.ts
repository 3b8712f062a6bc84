import { Command } from "commander";
import { collected } from "../options/collected";
import type { Io } from "../process/io";
import { SERVER_DIRECTORIES } from "./gather/host-look";
import { type ImportFlags, importHost } from "./import";

/**
 * The command `import` and its options.
 *
 * @param finished is called with the exit status
 */
export function importCommand(io: Io, finished: (exitCode: number) => void): Command {
  return new Command("import")
    .summary("look at a server that already runs, and print a stack that declares it")
    .description(
      "Reads what serves and renews certificates on a host: qmail, Dovecot, Postfix; dehydrated, certbot, acme.sh, lego. Prints a stack in TypeScript on standard output, and a report on standard error: what is wrong there, and what has to be decided before the first deploy. Changes nothing. Exit status 0: nothing has to be decided; 1: something has; 2: the host could not be read.",
    )
    .argument("[destination]", "the host, as ssh has it: user@host:port (default: this machine)")
    .option("--ssh-config <file>", "use this configuration of ssh instead of the user's own")
    .option("--identity <file>", "log in with this private key")
    .option("--known-hosts <file>", "trust the host keys in this file")
    .option(
      "--host-key <key>",
      "trust this host key alone, as in a .pub file; may be repeated",
      collected(String),
    )
    .option("--jump <destinations>", "connect through these hosts, separated by commas")
    .option("--become <command>", "run the shell there with this command, such as 'sudo -n'")
    .option("--root <path>", "look below this directory, such as a copy of the host's disk", "/")
    .option("--qmail-directory <path>", "qmail's home there", SERVER_DIRECTORIES.qmail)
    .option("--dovecot-directory <path>", "the directory of dovecot.conf there", SERVER_DIRECTORIES.dovecot)
    .option("--no-dns", "do not look the names up in DNS")
    .option("--dns-server <address>", "ask this DNS server; may be repeated", collected(String))
    .option(
      "--with-keys <directory>",
      "also fetch certificates and private keys, into a new directory that no other user can enter",
    )
    .option(
      "--state <file>",
      "the state of a stack that manages the host's certificates with vancluever/acme: the printed stack goes on with it",
    )
    .option("--json", "write one JSON document instead, with the report and the stack")
    .action(async (destination: string | undefined, flags: ImportFlags) => {
      finished(await importHost(destination ?? null, flags, io));
    });
}
