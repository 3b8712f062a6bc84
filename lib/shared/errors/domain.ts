import { MailSniError } from "./mail-sni-error";
import { quote } from "./wording";

/** Errors about mail domains and lists of names. */
export const domainErrors = {
  namesEmpty: () =>
    new MailSniError(
      "NAMES_EMPTY",
      "The list of host names is empty.",
      "Give the names that mail clients connect to, or leave `names` out for the usual ones (HostNames.core()).",
    ),
  nameTwice: (given: string, name: string) =>
    new MailSniError(
      "NAME_TWICE",
      `${quote(given)} is listed twice${given === name ? "" : ` (as ${name})`}.`,
      "Write each name once; upper case and a trailing dot make no difference.",
    ),
  withoutHostName: (subject: string) =>
    new MailSniError(
      "DOMAIN_WITHOUT_HOST_NAME",
      `${subject} has no host name, only wildcards or addresses.`,
      "List the host names that clients connect to as well: servers look for exact names.",
    ),
  listEmpty: () =>
    new MailSniError(
      "DOMAIN_LIST_EMPTY",
      "The list of mail domains is empty.",
      "Declare at least one domain; to remove all, remove the MailSni.",
    ),
  fileUnreadable: (path: string, reason: string) =>
    new MailSniError(
      "DOMAINS_TXT_UNREADABLE",
      `${path} cannot be read: ${reason}.`,
      "Give the path of dehydrated's domains.txt, absolute or relative to the directory in which cdktf runs.",
    ),
  fileEmpty: (path: string, skipped: number) =>
    new MailSniError(
      "DOMAINS_TXT_EMPTY",
      `${path} declares no domain: ${skipped === 0 ? "every row is empty or a comment" : `all of its rows are skipped (${skipped})`}.`,
      skipped === 0
        ? "Write one certificate a row, the host names separated by spaces."
        : "Have `skip` leave at least one row; to remove all domains, remove the MailSni.",
    ),
  fileUnterminated: (path: string, next: string) =>
    new MailSniError(
      "DOMAINS_TXT_UNTERMINATED",
      `${path} does not end in a newline: dehydrated joins its last line to the first line of ${next}.`,
      `End ${path} in a newline.`,
    ),
  alias: () =>
    new MailSniError(
      "DOMAINS_TXT_ALIAS",
      "A > is followed by no alias, or the row has more than one.",
      "Write `NAME … > ALIAS` with one alias, or no > at all.",
    ),
  aliasMissing: () =>
    new MailSniError(
      "DOMAINS_TXT_ALIAS",
      "A wildcard names the directory of the certificate, which dehydrated refuses.",
      "Write a host name first, or give the row an alias that is no wildcard: `*.example.org … > star_example_org`.",
    ),
  aliasNotDirectory: (alias: string) =>
    new MailSniError(
      "DOMAINS_TXT_ALIAS",
      `The alias ${quote(alias)} is not the name of a directory.`,
      "Use letters, digits and . _ + @ = , ~ - in an alias, at most 255 of them.",
    ),
  directoryTwice: (directory: string, other: string) =>
    new MailSniError(
      "DOMAIN_TWICE",
      `The row is a second one for ${directory}, beside ${other}: dehydrated keeps the certificates of both in one directory.`,
      "Take one of the rows out, or give it an alias of its own.",
    ),
  domainInTwoRows: (domain: string, other: string, directory: string) =>
    new MailSniError(
      "DOMAIN_TWICE",
      `The row is a second certificate for ${domain}, beside ${other}: a server presents one for a name.`,
      `Skip one of them, such as that of the algorithm that fewer clients know: skip: [SkipRows.named(${quote(directory)}, "…")].`,
    ),
  commentInRow: () =>
    new MailSniError(
      "DOMAINS_TXT_COMMENT",
      "A # follows the names, but dehydrated reads it, and each word after it, as a name.",
      "Put the comment on a line of its own.",
    ),
  continuation: () =>
    new MailSniError(
      "DOMAINS_TXT_CONTINUATION",
      "The row ends in a backslash, which dehydrated reads as a name: it has no continuation lines.",
      "Write all names of a certificate on one line.",
    ),
  reasonEmpty: () =>
    new MailSniError(
      "DOMAINS_TXT_REASON_EMPTY",
      "`skip` skips the row without a reason.",
      'Say why, for those who review the table: SkipRows.withoutHostName("Web servers only.").',
    ),
  /** @param directory the alias or the first name of the row that is skipped */
  unlessSkipped: (directory: string, { code, problem, remedy }: MailSniError) =>
    new MailSniError(
      code,
      problem,
      `${remedy} If no mail client uses the row, skip it: skip: [SkipRows.named(${quote(directory)}, "…")].`,
    ),
  /** The error of a single row as it is; an error that lists at most twenty if there are several. */
  /** @param most the number of refused rows after which the others are not checked */
  rowsRefused: (path: string, refused: readonly MailSniError[], most: number) => {
    const [first] = refused;
    if (refused.length === 1 && first !== undefined) return first;
    const more = refused.length > 20 ? [`and ${refused.length - 20} more`] : [];
    const shown = [...refused.slice(0, 20).map(({ message }) => message), ...more];
    return new MailSniError(
      "DOMAINS_TXT_ROWS",
      `${refused.length}${refused.length < most ? "" : " or more"} rows of ${path} are refused:\n${shown.map((line) => `  ${line}\n`).join("")}`,
      refused.length < most
        ? "Correct or skip each of them: the other rows are valid."
        : "Check that this is a domains.txt: the rest of it was not read.",
    );
  },
};
