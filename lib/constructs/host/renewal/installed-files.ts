import { dehydratedErrors } from "../../../shared/errors";
import { checkPath, type HostContent, type HostFile } from "../../service/host-content";
import type { RenewalFiles } from "./renewal-files";
import { tableRecord } from "./table-record";

/** Stands for a PEM that only the host has. Services put it into their files as they do with any other. */
export const PEM_ON_HOST = "(key and certificate are on the host)\n";

/** What a service presents a row's certificate with. */
export interface Installation {
  /** The row's alias. */
  readonly alias: string;
  /** Whether the certificate is presented for its names, or to all other clients. */
  readonly kind: "domain" | "default";
  readonly service: string;
}

/** The records of the table for files that the program installs, and the texts that wait for it. */
export interface InstalledFiles {
  readonly records: readonly string[];
  /** By path. */
  readonly snippets: Readonly<Record<string, string>>;
}

/**
 * @throws MailSniError `DEHYDRATED_CONTENT` for what the program cannot install, `DEHYDRATED_FIELD`, `MODE_INVALID`,
 *   `PATH_INVALID`
 */
export function installedFiles(
  installation: Installation,
  content: HostContent,
  paths: RenewalFiles,
): InstalledFiles {
  const { alias, kind, service } = installation;
  checkContent(service, content);
  const record = (type: string, ...fields: readonly (string | undefined)[]) =>
    tableRecord(`${service} for ${alias}`, type, alias, service, ...fields);
  const files = Object.entries(content.files ?? {});
  const pems = files.filter(([, { isPem }]) => isPem);
  const texts = files
    .filter(([, { isPem }]) => !isPem)
    .map(([path, file], index) => ({ path, file, source: paths.snippet(service, alias, kind, index) }));
  return {
    records: [
      ...pems.map(([path, file]) =>
        record("pem", ...attributesOf(file), checkPath(`A path of ${service}`, path)),
      ),
      ...texts.map(({ path, file, source }) =>
        record("text", ...attributesOf(file), checkPath(`A path of ${service}`, path), source),
      ),
      ...Object.entries(content.links ?? {}).map(([path, target]) =>
        record("link", checkPath(`A path of ${service}`, path), target),
      ),
    ],
    snippets: Object.fromEntries(texts.map(({ file, source }) => [source, file.contents])),
  };
}

/** The program has the key and the certificate only: it installs them whole, with texts and links beside them. */
function checkContent(service: string, { directories, placeholders, files = {} }: HostContent): void {
  const hasEntries = (entries = {}) => Object.keys(entries).length > 0;
  if (hasEntries(directories)) throw dehydratedErrors.content(service, "directories");
  if (hasEntries(placeholders)) throw dehydratedErrors.content(service, "placeholders");
  for (const { isPem, contents } of Object.values(files)) {
    if (isPem ? contents !== PEM_ON_HOST : contents.includes(PEM_ON_HOST))
      throw dehydratedErrors.content(
        service,
        isPem ? "a PEM that is not the whole one" : "a PEM inside a text",
      );
  }
}

/** Mode, owner, group, and whether the file stays. The modes are those that the provider uses by default. */
function attributesOf({ isPem, options }: HostFile): (string | undefined)[] {
  const { mode = isPem ? "0600" : "0644", owner, group, keep } = options;
  return [mode.padStart(4, "0"), owner, group, keep ? "keep" : "remove"];
}
