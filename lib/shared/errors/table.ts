import { MailSniError } from "./mail-sni-error";
import { quote } from "./wording";

/** Errors about writing the SNI table. */
export const tableErrors = {
  directory: (given: unknown) =>
    new MailSniError(
      "TABLE_DIRECTORY",
      `The context mail-sni:table is ${quote(JSON.stringify(given))}.`,
      "Give the directory for sni-table.md and sni-table.json, or false for none; without it they are where cdktf runs.",
    ),
  unwritable: (reason: string) =>
    new MailSniError(
      "TABLE_UNWRITABLE",
      `The SNI table cannot be written: ${reason}.`,
      "Create the directory, or make the file writable; or give another directory as the context mail-sni:table, or false for none.",
    ),
};
