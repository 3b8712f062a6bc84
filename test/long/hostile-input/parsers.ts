import { acmeParsers } from "./parsers/acme";
import { adoptionParsers } from "./parsers/adoption";
import { certificateParsers, certificateSeeds } from "./parsers/certificates";
import { doctorParsers } from "./parsers/doctor";
import { protocolParsers } from "./parsers/engine-protocol";
import { environmentParsers } from "./parsers/environment";
import { hostParsers } from "./parsers/host";
import { importParsers } from "./parsers/import-host";
import { layoutParsers } from "./parsers/import-layouts";
import { journalParsers } from "./parsers/journal";
import { keyParsers } from "./parsers/keys";
import { ledgerParsers } from "./parsers/ledger";
import { listParsers } from "./parsers/names";
import type { Parser } from "./parsers/parser";
import { planParsers } from "./parsers/plan";
import { pluginParsers } from "./parsers/plugin";
import { projectParsers } from "./parsers/project";
import { serviceParsers } from "./parsers/service";
import { sshParsers } from "./parsers/ssh";
import { startTlsParser } from "./parsers/starttls";
import { verifyParsers } from "./parsers/verify";

/** Every parser of outside input, with inputs that it takes. */
export async function parsers(): Promise<Parser[]> {
  const certificates = await certificateSeeds();
  return [
    ...ledgerParsers(),
    ...hostParsers(),
    ...serviceParsers(),
    ...sshParsers(),
    ...certificateParsers(certificates),
    ...listParsers(),
    ...acmeParsers(certificates),
    ...(["smtp", "imap", "pop3", "sieve"] as const).map(startTlsParser),
    ...protocolParsers(),
    ...keyParsers(),
    ...adoptionParsers(certificates),
    ...pluginParsers(),
    ...environmentParsers(),
    ...layoutParsers(certificates),
    ...importParsers(certificates),
    ...planParsers(),
    ...projectParsers(),
    ...journalParsers(),
    ...doctorParsers(),
    ...(await verifyParsers()),
  ];
}
