import { MailSniError } from "./mail-sni-error";
import { quote } from "./wording";

/** Errors about mail hosts and the names on them. A `party` names a domain and its MailSni. */
export const hostErrors = {
  idInvalid: (what: string, given: string) =>
    new MailSniError(
      "ID_INVALID",
      `${quote(given)} cannot be the id of ${what}.`,
      "Use letters, digits, hyphens and single dots, beginning with a letter or digit, such as mx1: it becomes a part of resource addresses.",
    ),
  twice: (name: string, one: string, other: string) =>
    new MailSniError(
      "HOST_TWICE",
      `There are two mail hosts ${quote(name)} in the stack: ${one} and ${other}.`,
      "Give each host an id of its own, wherever it is in the construct tree.",
    ),
  placeTwice: (place: string, one: string, other: string) =>
    new MailSniError(
      "HOST_PLACE_TWICE",
      `The mail hosts ${quote(one)} and ${quote(other)} are the same place: ${place}.`,
      "Declare it once, with all services that run there, or give each a place of its own: otherwise they overwrite each other's files at every deploy.",
    ),
  inAnotherStack: (name: string, stack: string, other: string) =>
    new MailSniError(
      "HOST_IN_ANOTHER_STACK",
      `The mail host ${quote(name)} belongs to the stack ${quote(other)}, and is used in ${quote(stack)}.`,
      "Declare hosts in the stack that uses them: one stack manages one host.",
    ),
  renewerUnknown: (given: string, known: readonly string[]) =>
    new MailSniError(
      "RENEWER_UNKNOWN",
      `${quote(given)} is not a client of a CA that can be switched off.`,
      `Use one of ${known.join(", ")}, or Renewer.hook with the path of an executable that it runs.`,
    ),
  servicesEmpty: (name: string) =>
    new MailSniError(
      "SERVICES_EMPTY",
      `The mail host ${quote(name)} runs no service.`,
      "Say which mail servers run there, such as services: [Qmail.standard(), Dovecot.v23()].",
    ),
  serviceTwice: (name: string, service: string) =>
    new MailSniError(
      "SERVICE_TWICE",
      `The mail host ${quote(name)} has two services ${quote(service)}.`,
      "Name each; two instances of one server also need directories of their own.",
    ),
  rootInvalid: (given: string, fault: string) =>
    new MailSniError(
      "ROOT_INVALID",
      `The root ${quote(given)} ${fault}.`,
      'Write a directory, absolute or relative to the project, such as "./out/mx1"; leave it out for this machine itself.',
    ),
  stagingPathInvalid: (given: string, fault: string) =>
    new MailSniError(
      "STAGING_PATH_INVALID",
      `The path ${quote(given)} of a staging tree ${fault}.`,
      'Write a directory of its own, absolute or relative to the project, such as "./image".',
    ),
  stagedKeyEncrypted: () =>
    new MailSniError(
      "STAGED_KEY_ENCRYPTED",
      "The private key of the PEM is encrypted, and a staging tree holds it as it is: no server could read it.",
      "Give the key unencrypted to trees. Certificates that the provider issues for trees belong in a stack that is deployed without MAIL_SNI_KEY_PASSPHRASE.",
    ),
  providerLocalMissing: () =>
    new MailSniError(
      "PROVIDER_LOCAL_MISSING",
      "MailHost.directory writes its files with the package @cdktf/provider-local, which is not installed.",
      "Install it: npm install @cdktf/provider-local.",
    ),
};
