import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { App } from "cdktf";
import { tableErrors } from "../../../shared/errors";
import type { TableContents } from "./contents";
import { jsonTable } from "./json";
import { markdownTable } from "./markdown";

/**
 * Writes `sni-table.md` and `sni-table.json`, unless their contents are the same already.
 *
 * @throws MailSniError `TABLE_DIRECTORY`, `TABLE_UNWRITABLE`
 */
export function writeTableFiles(directory: string, contents: TableContents): void {
  write(join(directory, "sni-table.md"), markdownTable(contents));
  write(join(directory, "sni-table.json"), jsonTable(contents));
}

/**
 * The directory of an app's tables: the context `mail-sni:table`, by default the directory in which cdktf
 * runs.
 *
 * @returns undefined if the context is `false`
 * @throws MailSniError `TABLE_DIRECTORY`
 */
export function tableDirectory(app: App): string | undefined {
  const context: unknown = app.node.tryGetContext("mail-sni:table");
  if (context === false) return undefined;
  if (context === undefined) return ".";
  if (typeof context !== "string" || context === "") throw tableErrors.directory(context);
  return context;
}

function write(path: string, text: string): void {
  try {
    if (existsSync(path) && readFileSync(path, "utf8") === text) return;
    writeFileSync(path, text);
  } catch (error) {
    throw tableErrors.unwritable((error as Error).message);
  }
}
