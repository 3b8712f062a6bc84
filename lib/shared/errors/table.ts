import { MailSniError } from "./mail-sni-error";
import { quote } from "./wording";

/** What keeps the table of who is served what from being written. */
export const tableErrors = {
  directory: (given: unknown) =>
    new MailSniError(
      "TABLE_DIRECTORY",
      `The context mail-sni:table is ${quote(JSON.stringify(given))}.`,
      "Give the directory in which sni-table.md and sni-table.json are to be, or false for none; without it they are where cdktf runs.",
    ),
  unwritable: (reason: string) =>
    new MailSniError(
      "TABLE_UNWRITABLE",
      `The table of who is served what cannot be written: ${reason}.`,
      "Make the directory, or have the file writable; or give another directory as the context mail-sni:table, or false for none.",
    ),
};
