import { type HostContent, HostFile } from "../../service/host-content";
import type { IMailService } from "../../service/mail-service";
import { type DehydratedSettings, dehydratedConfig } from "./dehydrated-config";
import type { RenewalFiles } from "./renewal-files";
import type { RenewalRows } from "./renewal-rows";
import { renewalTable } from "./renewal-table";
import type { TimerSettings } from "./renewal-timer";
import { rowsText } from "./rows-text";

/** What a host needs to issue certificates itself. */
export interface RenewalSetup {
  /** The text of the renewal program. */
  readonly program: string;
  readonly settings: DehydratedSettings;
  readonly timer: TimerSettings;
  /** The directory of the host's lock and ledger. */
  readonly stateDirectory: string;
  readonly services: readonly IMailService[];
  /** The host's name. */
  readonly host: string;
}

/** The texts that decide what a run does. */
export interface RenewalTexts {
  readonly config: string;
  readonly domainsTxt: string;
  readonly table: string;
  /** By path. */
  readonly snippets: Readonly<Record<string, string>>;
}

/** @throws MailSniError `DEHYDRATED_FIELD`, `DEHYDRATED_NOT_LITERAL`, `DEHYDRATED_VALUE` */
export function renewalTexts(setup: RenewalSetup, rows: RenewalRows, files: RenewalFiles): RenewalTexts {
  const { settings, services, stateDirectory, timer } = setup;
  const { workDirectory } = files;
  const { hook, wellKnown } = settings.challenge;
  const head = { stateDirectory, workDirectory, hook, wellKnown, timer, services };
  return {
    config: dehydratedConfig(settings, files),
    domainsTxt: rowsText(rows.inOrder),
    table: renewalTable(head, rows.records),
    snippets: rows.snippets,
  };
}

/** The files of the renewal program: all of them text. */
export function renewalContent(
  { program, settings, timer, host }: RenewalSetup,
  { config, domainsTxt, table, snippets }: RenewalTexts,
  files: RenewalFiles,
): HostContent {
  const { caCertificate, challenge } = settings;
  const started = timer.files(files.program, host);
  return {
    directories: challenge.wellKnown === undefined ? {} : { [challenge.wellKnown]: {} },
    files: {
      [files.program]: HostFile.text(program, { mode: "0755" }),
      [files.config]: HostFile.text(config),
      [files.domainsTxt]: HostFile.text(domainsTxt),
      [files.table]: HostFile.text(table),
      ...(caCertificate !== undefined && { [files.caCertificate]: HostFile.text(caCertificate) }),
      ...Object.fromEntries(Object.entries(snippets).map(([path, text]) => [path, HostFile.text(text)])),
      ...started.files,
    },
    links: started.links,
  };
}
