import { MailSniError } from "./mail-sni-error";
import { listed, quote } from "./wording";

/** Errors about a MailSni as a whole. */
export const sniErrors = {
  hostsEmpty: (subject: string) =>
    new MailSniError(
      "HOSTS_EMPTY",
      `${subject} has no mail host.`,
      "Give at least one: hosts: [MailHost.local(…)].",
    ),
  hostNotDeclared: (domain: string, host: string, hosts: readonly string[]) =>
    new MailSniError(
      "HOST_NOT_DECLARED",
      `${domain} is to be served by the mail host ${quote(host)}, which its MailSni does not have; it has ${listed(hosts)}.`,
      "Add the host to the MailSni's hosts, or take it out here.",
    ),
  runIntervalInvalid: (given: number) =>
    new MailSniError(
      "RUN_INTERVAL",
      `runIntervalHours is ${given}.`,
      "Give the number of hours between two scheduled deploys: above 0, and at most 8784, which is a year.",
    ),
  issuerMissing: (domain: string) =>
    new MailSniError(
      "ISSUER_MISSING",
      `Nothing says where the certificate of ${domain} comes from.`,
      "Give an issuer to the MailSni or to the domain, such as new PrivateCa(…), or give a certificate. There is no default issuer, because clients have to trust it.",
    ),
  certificateAndIssuer: (domain: string) =>
    new MailSniError(
      "CERTIFICATE_AND_ISSUER",
      `${domain} has both a certificate and an issuer.`,
      "Keep one of them.",
    ),
  certificateTwice: (domain: string, one: string, other: string) =>
    new MailSniError(
      "CERTIFICATE_TWICE",
      `${domain} has two certificates in one stack: those of ${one} and ${other}.`,
      "Hand the first one over: addDomain(…, { certificate: domain.certificate }). If the hosts need different ones, declare the domain in two stacks: by the output mail_sni of a stack, all hosts present the same one.",
    ),
  journalNowhere: () =>
    new MailSniError(
      "JOURNAL_PLACE",
      "The issuance journal has no place.",
      'Give a directory, such as IssuanceJournal.directory("/var/lib/deploy/journal"), or at least one mail host, such as IssuanceJournal.onHosts(mx1).',
    ),
  journalTwice: (stack: string) =>
    new MailSniError(
      "JOURNAL_TWICE",
      `The stack ${stack} has two places for its issuance journal.`,
      "Give all MailSni of a stack the same one, or give it to one of them.",
    ),
  domainTwice: (domain: string, one: string, other: string) =>
    new MailSniError(
      "DOMAIN_TWICE",
      `The mail domain ${domain} is declared twice${one === other ? ` in ${one}` : `: by ${one} and by ${other}`}.`,
      "Declare it once, with all of its names and hosts.",
    ),
  defaultNotDeclared: (domain: string, declared: readonly string[]) =>
    new MailSniError(
      "DEFAULT_NOT_DECLARED",
      `The default domain ${domain} is not among the declared ones (${listed(declared)}).`,
      "Add it, or name another one as defaultDomain.",
    ),
  defaultNotEverywhere: (domain: string, missing: readonly string[]) =>
    new MailSniError(
      "DEFAULT_NOT_EVERYWHERE",
      `The default domain ${domain} leaves out the mail host ${listed(missing)}.`,
      "Declare the default domain for all hosts of its MailSni, or give those hosts a MailSni with a default of their own.",
    ),
  defaultTwice: (host: string, one: string, other: string) =>
    new MailSniError(
      "DEFAULT_TWICE",
      `The mail host ${quote(host)} has two default domains: ${one} and ${other}.`,
      "Leave defaultDomain out in all but one MailSni.",
    ),
};
