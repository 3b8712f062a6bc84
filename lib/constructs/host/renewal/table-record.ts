import { Token } from "cdktf";
import { dehydratedErrors } from "../../../shared/errors";

/** What stands for a value that is not given. */
const NOT_GIVEN = "-";

/**
 * One record of the renewal program's table: fields on one line, with tabs between them. A shell reads it, which joins
 * neighbouring tabs, so no field is empty.
 *
 * @param of what the record is about, for messages
 * @throws MailSniError `DEHYDRATED_FIELD` for what a field cannot hold
 */
export function tableRecord(of: string, ...fields: readonly (string | undefined)[]): string {
  return `${fields.map((field) => checkField(of, field ?? NOT_GIVEN)).join("\t")}\n`;
}

function checkField(of: string, field: string): string {
  if (Token.isUnresolved(field)) throw dehydratedErrors.notLiteral(of);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is refused
  if (field === "" || /[\0-\x1f\x7f]/.test(field)) throw dehydratedErrors.field(of, field);
  return field;
}
