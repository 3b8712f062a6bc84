import { Writable } from "node:stream";
import { EXIT_MEANINGS } from "../lib/cli/process/exit-code";
import { program } from "../lib/cli/program";
import { commandModel } from "../lib/cli/reference/model/command-model";
import { manPage } from "./roff-page";

/** The text of `man/mail-sni.1`: commands and options as the program defines them. */
export function mailSniManPage(): string {
  const nowhere = new Writable();
  const io = {
    stdout: nowhere,
    stderr: nowhere,
    environment: {},
    now: () => new Date(),
    interruption: () => new AbortController().signal,
    unexpectedError: () => new Promise<never>(() => {}),
    goOnWithoutReader: () => {},
  };
  return manPage(commandModel(program(io, "").command), {
    exitStatuses: EXIT_MEANINGS,
    environment: {
      TERRAFORM_BINARY_NAME: "The engine to run where --engine names none, as for cdktf.",
      CDKTF_OUTPUT: "The directory that cdktf synth wrote, in place of output in cdktf.json, as for cdktf.",
      "NO_COLOR, CI": "Switch off colours, and the line of progress. Both appear on a terminal only.",
      MAIL_SNI_DEBUG: "If set, an unexpected error is printed with its stack trace.",
    },
    examples: {
      "mail-sni status": "In the directory of a project: see what is due, overdue, expired or pending.",
      "mail-sni plan --base-table base-table.json --markdown plan.md":
        "Write what a change does to whose mail, for its review.",
      "mail-sni renew --from /var/lib/mail-sni/deployed":
        "From a timer: renew what is due in a copy of what was deployed last, and apply nothing else.",
      "mail-sni doctor": "Before a deploy: see what would break it, and what to do.",
      "mail-sni verify": "Ask the project's mail servers for every name on every port.",
      "mail-sni verify imap.example.org --connect 192.0.2.10":
        "Check one name by hand, with no project around.",
    },
  });
}
