import { MailSniError } from "./mail-sni-error";
import { listed, quote } from "./wording";

/** Errors about certificates that dehydrated issues on a mail host. */
export const dehydratedErrors = {
  onHost: (domain: string, host: string) =>
    new MailSniError(
      "DEHYDRATED_CERTIFICATE_ON_HOST",
      `The private key of ${domain} never leaves the mail host ${quote(host)}, so there is no PEM that another host could get.`,
      "For domains with several hosts, use an AcmeIssuer, or give each host a DehydratedIssuer with a DNS challenge, in a MailSni of its own.",
    ),
  content: (service: string, what: string) =>
    new MailSniError(
      "DEHYDRATED_CONTENT",
      `The service ${quote(service)} presents a certificate with ${what}, which the renewal program cannot install.`,
      "Return whole PEMs, texts and links from certificateFiles and defaultFiles; directories and placeholders belong in hostFiles.",
    ),
  field: (of: string, given: string) =>
    new MailSniError(
      "DEHYDRATED_FIELD",
      `A value of ${of} cannot be passed to the renewal program: ${given === "" ? "it is empty" : `${quote(given)} contains control characters`}.`,
      "Write commands without empty arguments, tabs and line breaks; put a longer command into a script on the host.",
    ),
  hosts: (domain: string, issuer: string, hosts: readonly string[]) =>
    new MailSniError(
      "DEHYDRATED_HOSTS",
      `The mail host ${quote(issuer)} issues the certificate of ${domain} for itself alone, but ${domain} is declared for ${listed(hosts)}.`,
      `Declare the domain for ${quote(issuer)} alone (hosts). For other hosts, use a MailSni with an issuer of their own, or an AcmeIssuer, whose certificates go to all hosts.`,
    ),
  nameTwice: (name: string, one: string, other: string) =>
    new MailSniError(
      "DEHYDRATED_NAME_TWICE",
      `Both ${quote(one)} and ${quote(other)} would validate ${name} over HTTP. Each has only its own tokens, and the CA may ask either of them.`,
      "Use DehydratedChallenge.dnsHook(…), or an AcmeIssuer, which puts tokens on all hosts.",
    ),
  namesLong: (domain: string) =>
    new MailSniError(
      "DEHYDRATED_NAMES_LONG",
      `Each name of ${domain} is longer than 64 characters, and dehydrated uses the first one as the CN, which cannot be longer.`,
      "Declare a shorter name as well, or use an AcmeIssuer, which orders certificates without a CN.",
    ),
  notLiteral: (what: string) =>
    new MailSniError(
      "DEHYDRATED_NOT_LITERAL",
      `${what[0]?.toUpperCase()}${what.slice(1)} has a Terraform expression as a value, which is not known at synth.`,
      "Write the value itself.",
    ),
  number: (what: string, given: number, least: number) =>
    new MailSniError("DEHYDRATED_NUMBER", `${what} is ${given}.`, `Give a whole number, at least ${least}.`),
  root: (host: string, root: string) =>
    new MailSniError(
      "DEHYDRATED_ROOT",
      `The mail host ${quote(host)} is the directory ${quote(root)}, where nothing can issue certificates.`,
      "Use an AcmeIssuer or a PrivateCa for directories and staging trees.",
    ),
  serviceName: (host: string) =>
    new MailSniError(
      "DEHYDRATED_SERVICE_NAME",
      `The mail host ${quote(host)} has a service "dehydrated", which is the name of the renewal program's service.`,
      "Give the service another name.",
    ),
  timer: (given: string, expected: string) =>
    new MailSniError(
      "DEHYDRATED_TIMER",
      `${quote(given)} is not ${expected}.`,
      'Write a calendar event of systemd, such as RenewalTimer.systemd({ onCalendar: "*-*-* 03,15:00:00" }), or the time fields of a crontab, such as RenewalTimer.cron({ schedule: "17 3,15 * * *" }).',
    ),
  twice: (host: string, one: string, other: string) =>
    new MailSniError(
      "DEHYDRATED_TWICE",
      `The mail host ${quote(host)} has two DehydratedIssuers: ${one} and ${other}.`,
      "Declare one, and use it for all domains of the host.",
    ),
  value: (what: string, given: string) =>
    new MailSniError(
      "DEHYDRATED_VALUE",
      `${what} ${quote(given)} contains characters that dehydrated does not quote.`,
      "Use letters, digits and punctuation without quotes, backslashes, blanks and line breaks.",
    ),
};
