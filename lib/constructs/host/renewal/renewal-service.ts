import type { ServiceCommands } from "../../service/mail-service";
import { type RenewalFiles, TIMER_NAME } from "./renewal-files";

/** The name of the service in the provider block. */
export const RENEWAL_SERVICE = "dehydrated";

/**
 * Runs the program's own check, and starts its timer. The provider quotes standard error. It runs this when the program and its
 * table are in place, unlike the `check` of a service, which would not see those of a first deploy. At the end the program itself
 * is gone, and systemd would keep its timer: that of an earlier deploy, too.
 */
const ACTIVATE = [
  'if [ -e "$1" ]; then "$1" check >&2 && exec "$1" activate; exit; fi',
  "[ -d /run/systemd/system ] || exit 0",
  'systemctl stop "$2"',
  "exec systemctl daemon-reload",
].join("; ");

/** The command by which the provider checks and starts the renewals, as that of a mail server. */
export function renewalCommands({ program }: Pick<RenewalFiles, "program">): ServiceCommands {
  return {
    activate: ["sh", "-c", ACTIVATE, "sh", program, `${TIMER_NAME}.timer`],
  };
}
