import { MailSniError } from "./mail-sni-error";
import { quote } from "./wording";

export type DomainErrorCode =
  | "DOMAINS_TXT_ALIAS"
  | "DOMAINS_TXT_EMPTY"
  | "DOMAINS_TXT_UNREADABLE"
  | "DOMAIN_LIST_EMPTY"
  | "DOMAIN_WITHOUT_HOST_NAME"
  | "NAMES_EMPTY"
  | "NAME_TWICE";

/** What mail domains and lists of names are refused for. */
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
      `${subject} lists wildcards only.`,
      "List the host names that clients connect to beside the wildcard: servers look for exact names.",
    ),
  listEmpty: () =>
    new MailSniError(
      "DOMAIN_LIST_EMPTY",
      "The list of mail domains is empty.",
      "Declare at least one domain; to take all away, remove the MailSni.",
    ),
  fileUnreadable: (path: string, reason: string) =>
    new MailSniError(
      "DOMAINS_TXT_UNREADABLE",
      `${path} cannot be read: ${reason}.`,
      "Give the path of dehydrated's domains.txt, absolute or relative to the directory in which cdktf runs.",
    ),
  fileEmpty: (path: string) =>
    new MailSniError(
      "DOMAINS_TXT_EMPTY",
      `${path} declares no domain: every row is empty or a comment.`,
      "Write one certificate a row, the host names separated by spaces.",
    ),
  alias: () =>
    new MailSniError(
      "DOMAINS_TXT_ALIAS",
      "What follows a > is not one alias.",
      "Write `NAME … > ALIAS` with one alias and nothing behind it, or no > at all.",
    ),
};
