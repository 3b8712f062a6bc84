import { findCertbot, findLego, unpackCertbot, unpackLego } from "../support/acme-clients";
import { canUnpackPackages } from "../support/debian-archive";
import { findPostmap, unpackPostfix } from "../support/postfix-installation";
import { findPromtool, unpackPromtool } from "../support/promtool";
import { step } from "./step";

/** Unpacks Debian's Postfix, once: it is kept in the user's cache directory. */
export async function makePostfix(): Promise<void> {
  if (findPostmap() || !canUnpackPackages()) return;
  await step("unpacking Debian's Postfix", unpackPostfix);
}

/** The same of Prometheus, of which the checker is kept. */
export async function makePromtool(): Promise<void> {
  if (findPromtool() || !canUnpackPackages()) return;
  await step("unpacking Debian's Prometheus", unpackPromtool);
}

/** The same of certbot and lego, clients of CAs whose directories an import reads. */
export async function makeAcmeClients(): Promise<void> {
  if (!canUnpackPackages()) return;
  if (!findCertbot()) await step("unpacking Debian's certbot", unpackCertbot);
  if (!findLego()) await step("unpacking Debian's lego", unpackLego);
}
