import type { ServiceCommands } from "../../service/mail-service";
import { type RenewalFiles, TIMER_NAME } from "./renewal-files";

/** The name of the service in the provider block. */
export const RENEWAL_SERVICE = "dehydrated";

/**
 * Runs the program's own check: the provider quotes standard error. At the end the program itself is gone, and there is nothing
 * to check.
 */
const CHECK = '[ ! -e "$1" ] || exec "$1" check >&2';
/** The same for its timer, which systemd would keep: that of an earlier deploy, too. */
const ACTIVATE = [
  'if [ -e "$1" ]; then exec "$1" activate; fi',
  "[ -d /run/systemd/system ] || exit 0",
  'systemctl stop "$2"',
  "exec systemctl daemon-reload",
].join("; ");

/** The commands by which the provider checks and starts the renewals, as those of a mail server. */
export function renewalCommands({ program }: Pick<RenewalFiles, "program">): ServiceCommands {
  return {
    check: ["sh", "-c", CHECK, "sh", program],
    activate: ["sh", "-c", ACTIVATE, "sh", program, `${TIMER_NAME}.timer`],
  };
}
