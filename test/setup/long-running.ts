import { findCommand } from "../support/commands";
import { findDovecot } from "../support/dovecot-installation";
import { findNode, installNode, NODE_VERSIONS } from "../support/node-installation";
import { EXIM_ROOT, POSTFIX_ROOT } from "../support/smtp-roots";
import { buildTofu, findTofu } from "../support/tofu";
import { findTrixie, installInTrixie, makeTrixie, trixieHas } from "../support/trixie";
import { step } from "./step";

/** Makes what takes minutes, once: it is kept in the user's cache directory. */
export async function makeLongRunning(): Promise<void> {
  for (const version of NODE_VERSIONS) {
    if (!findNode(version)) await step(`installing Node ${version} from npm`, () => installNode(version));
  }
  if (!findDovecot("2.4") && process.getuid?.() === 0 && findCommand("debootstrap")) {
    await step("making a Debian 13 with Dovecot 2.4", makeTrixie);
  }
  if (process.getuid?.() === 0 && findCommand("debootstrap")) {
    if (!POSTFIX_ROOT.find()) await step("making a Debian 13 with Postfix", () => POSTFIX_ROOT.make());
    if (!EXIM_ROOT.find()) await step("making a Debian 13 with Exim", () => EXIM_ROOT.make());
  }
  if (findTrixie() && !trixieHas("dehydrated") && process.getuid?.() === 0) {
    await step("installing dehydrated into it", () => installInTrixie("dehydrated"));
  }
  if (!findTofu() && findCommand("go")) {
    await step("building OpenTofu from its Go module (up to 12 minutes)", buildTofu);
  }
}
