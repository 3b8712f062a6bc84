import { MailSniError } from "./mail-sni-error";
import { quote } from "./wording";

/** Errors about an ACME CA, and about how names are proven to it. */
export const acmeErrors = {
  accountKeyTwice: () =>
    new MailSniError(
      "ACCOUNT_KEY_TWICE",
      "The issuer has both accountKey and adoptAccountKey.",
      "Keep accountKey for a key that stays yours, or adoptAccountKey for one that moves into the state.",
    ),
  adoptionPath: (given: string, fault: string) =>
    new MailSniError(
      "ADOPTION_PATH",
      `The path ${quote(given)} of a file to adopt ${fault}.`,
      'Give the path of a file on the machine that deploys, such as "keys/{domain}/fullchain.pem".',
    ),
  adoptionUnsupported: (domain: string, source: string) =>
    new MailSniError(
      "ADOPTION_UNSUPPORTED",
      `${domain} has adoptFrom, but its certificate comes from ${source}.`,
      "Take adoptFrom out: only an AcmeIssuer adopts certificates.",
    ),
  contactInvalid: (given: string) =>
    new MailSniError(
      "ACME_CONTACT",
      `The contact ${quote(given)} is not an e-mail address.`,
      'Give one without "mailto:", such as "hostmaster@domain1.tld", or leave it out.',
    ),
  directoryInvalid: (given: string) =>
    new MailSniError(
      "ACME_DIRECTORY",
      `${quote(given)} is not the URL of an ACME directory.`,
      "Give one that begins with https://, such as https://ca.domain1.tld/acme/directory.",
    ),
  emptyText: (member: string) =>
    new MailSniError(
      "ACME_EMPTY_TEXT",
      `${member} is an empty text.`,
      `Give a value, or leave ${member.split(".")[0]} out.`,
    ),
  hookEmpty: () =>
    new MailSniError(
      "CHALLENGE_HOOK",
      "The DNS hook has no program.",
      'Give a program, with arguments or without: Challenge.dnsHook(["./hooks/dns.sh"]).',
    ),
  webroot: (given: string, root: string) =>
    new MailSniError(
      "CHALLENGE_WEBROOT",
      `The webroot ${quote(given)} ends in the path that CAs request below it.`,
      `Give the directory above them, ${quote(root)}: tokens are put into its .well-known/acme-challenge.`,
    ),
};
