import { MailSniError } from "./mail-sni-error";
import { quote } from "./wording";

/** Errors of `parseHostName` and `parseCertificateName`. `given` is what the user wrote. */
export const hostNameErrors = {
  empty: (given: string) =>
    new MailSniError(
      "HOST_NAME_EMPTY",
      `${quote(given)} holds no host name.`,
      "Write the name that mail clients connect to, such as mail.example.org, or leave the entry out.",
    ),
  notLiteral: (given: string) =>
    new MailSniError(
      "HOST_NAME_NOT_LITERAL",
      `${quote(given)} is a Terraform expression, not a host name.`,
      "Write the name itself: names become paths and resource addresses, which must be known when the stack is synthesized.",
    ),
  character: (given: string, character: string) =>
    new MailSniError(
      "HOST_NAME_INVALID",
      `${quote(given)} is not a host name: it contains ${quote(character)}.`,
      meantName(given) ??
        "Use letters, digits and hyphens, with dots between the labels, such as mail.example.org.",
    ),
  emptyLabel: (given: string) =>
    new MailSniError(
      "HOST_NAME_INVALID",
      `${quote(given)} is not a host name: there is nothing before, after or between two of its dots.`,
      "Write exactly one dot between the labels, such as mail.example.org.",
    ),
  hyphen: (given: string, label: string) =>
    new MailSniError(
      "HOST_NAME_INVALID",
      `${quote(given)} is not a host name: the label ${quote(label)} begins or ends with a hyphen, or has hyphens in both its third and its fourth place.`,
      "Use hyphens inside of labels only; two of them in the third and fourth place mark an A-label (xn--…), and no CA accepts them elsewhere.",
    ),
  notIdn: (given: string) =>
    new MailSniError(
      "HOST_NAME_INVALID",
      `${quote(given)} is not an internationalised domain name: UTS 46 has no A-label form for it.`,
      "Check it for invisible or forbidden characters, or write its A-label form (xn--…) as the registry shows it.",
    ),
  notALabel: (given: string, label: string) =>
    new MailSniError(
      "HOST_NAME_INVALID",
      `${quote(given)} is not a host name: ${quote(label)} looks like an A-label but is not the encoding of any internationalised label.`,
      "Write the name in its own script, such as bücher.example, and it is encoded for you.",
    ),
  ipAddress: (given: string) =>
    new MailSniError(
      "HOST_NAME_IP_ADDRESS",
      `${quote(given)} is an IP address, or would be read as one, not a host name.`,
      "Write a name such as mail.example.org: clients never send an address as SNI (RFC 6066 §3).",
    ),
  singleLabel: (given: string) =>
    new MailSniError(
      "HOST_NAME_SINGLE_LABEL",
      `${quote(given)} is a single label, not a full host name.`,
      `Write the fully qualified name, such as ${/^[a-z0-9-]{1,63}$/i.test(given) ? given.toLowerCase() : "mail"}.example.org: no public CA issues for less.`,
    ),
  tooLong: (given: string, length: number, maximum: number) =>
    new MailSniError(
      "HOST_NAME_TOO_LONG",
      `${quote(given)} is ${length} characters long as A-labels; DNS allows ${maximum}.`,
      "Use a shorter name.",
    ),
  labelTooLong: (given: string, label: string, maximum: number) =>
    new MailSniError(
      "HOST_NAME_TOO_LONG",
      `${quote(given)} has the label ${quote(label)} of ${label.length} characters as an A-label; DNS allows ${maximum}.`,
      "Use a shorter name, or put a dot where one is missing.",
    ),
  wildcard: (given: string) =>
    new MailSniError(
      "HOST_NAME_WILDCARD",
      `${quote(given)} is a wildcard where one host name is needed.`,
      `List the names that clients use, such as ${given.replace(/^\*\./, "imap.")} and ${given.replace(/^\*\./, "smtp.")}.`,
    ),
  wildcardMisplaced: (given: string) =>
    new MailSniError(
      "HOST_NAME_WILDCARD_MISPLACED",
      `${quote(given)} has an asterisk that is not its whole first label.`,
      "Write *.example.org to cover every name one label below example.org, or list the names.",
    ),
};

/** The part of a URL, an address or a padded name that was probably meant. */
function meantName(given: string): string | null {
  const name =
    /^\s*(?:[a-z]+:\/\/)?(?:[^@/\s]*@)?((?:[a-z0-9-]+\.)+[a-z0-9-]+)\.?(?::\d+)?(?:\/\S*)?\s*$/i.exec(
      given,
    )?.[1];
  return name === undefined ? null : `Write the host name alone: ${name.toLowerCase()}.`;
}
