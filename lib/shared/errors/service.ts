import { MailSniError } from "./mail-sni-error";
import { listed, quote } from "./wording";

/** More blocks in each other than any configuration has reason for. */
const MOST_BLOCKS = 10;

/** Errors about the description of a mail server. */
export const serviceErrors = {
  nameInvalid: (given: string) =>
    new MailSniError(
      "SERVICE_NAME_INVALID",
      `${quote(given)} cannot name a service.`,
      "Use lower-case letters, digits and hyphens, beginning with a letter, such as dovecot.",
    ),
  path: (what: string, given: string, fault: string) =>
    new MailSniError(
      "PATH_INVALID",
      `${what} ${quote(given)} ${fault}.`,
      "Write an absolute path of letters, digits and . _ ~ @ % + = : , - with single slashes and without . or .. parts.",
    ),
  pathTwice: (path: string, one: string, other: string) =>
    new MailSniError(
      "PATH_TWICE",
      `${path} is written by ${one} and by ${other}.`,
      "Give each its own directory or pattern of paths.",
    ),
  pattern: (given: string) =>
    new MailSniError(
      "PATTERN_INVALID",
      `${quote(given)} does not contain {name}.`,
      "Write {name} where the host name belongs, such as /etc/server/sni/{name}.pem.",
    ),
  mode: (given: string) =>
    new MailSniError(
      "MODE_INVALID",
      `${quote(given)} is not a file mode.`,
      'Write the permission bits in octal as a string, such as "0640".',
    ),
  port: (given: number | "A Terraform expression") =>
    new MailSniError(
      "ENDPOINT_PORT",
      `${given} is not a TCP port.`,
      "Use a whole number from 1 to 65535, which has to be known at synth.",
    ),
  commandEmpty: (what: string) =>
    new MailSniError(
      "COMMAND_EMPTY",
      `The command ${what} is an empty list.`,
      "Write the program and its arguments as a list of strings, or leave the option out.",
    ),
  doveconfUnreadable: (path: string, reason: string) =>
    new MailSniError(
      "DOVECONF_UNREADABLE",
      `${path} cannot be read: ${reason}.`,
      "Run doveconf -n > FILE on the host, and give the path of that file, absolute or relative to the directory in which cdktf runs.",
    ),
  doveconfInvalid: (path: string) =>
    new MailSniError(
      "DOVECONF_INVALID",
      `${path} is not what doveconf -n prints: that begins with Dovecot's version, has settings, and closes each block that it opens.`,
      "Run doveconf -n > FILE on the host again, correct what it complains of, and take the whole output; the configuration files themselves are not enough, since they include each other.",
    ),
  doveconfConditional: (blocks: readonly string[]) =>
    new MailSniError(
      "DOVECONF_CONDITIONAL",
      `A certificate is set in ${blocks
        .slice(0, MOST_BLOCKS)
        .map((block) => quote(block))
        .join(" in ")}, so it depends on more than the requested name.`,
      "Take it out of Dovecot's configuration, or into a local_name block of its own: Dovecot 2.3 disconnects clients for whom that and a name match, on 2.4 the later one in the files wins.",
    ),
  doveconfUnclear: (names: readonly string[]) =>
    new MailSniError(
      "DOVECONF_UNCLEAR",
      `The block ${quote(`local_name ${names.join(" ")}`)} stands between blocks of this library, so it is not known whether Dovecot read it before or after them: it has merged blocks of one name.`,
      "Use a listing from before this library's first deployment to the host, or write the blocks by hand, each with its place.",
    ),
  localNameMissing: (certificate: string) =>
    new MailSniError(
      "LOCAL_NAME_INVALID",
      `A local_name block with the certificate ${quote(certificate)} has no name.`,
      "Write the names that stand behind local_name in Dovecot's configuration.",
    ),
  localNameInvalid: (given: string) =>
    new MailSniError(
      "LOCAL_NAME_INVALID",
      `${quote(given)} is not one name of a local_name block.`,
      'Write each name by itself, as A-labels and without quotes: of local_name "imap.domain2.tld *.domain3.tld" it is names: ["imap.domain2.tld", "*.domain3.tld"].',
    ),
  localNamesSeveral: (dovecot: string, names: readonly string[]) =>
    new MailSniError(
      "LOCAL_NAMES_SEVERAL",
      `A local_name block has ${names.length} names (${listed(names)}), of which ${dovecot} allows one.`,
      "Write a block for each name, as they stand in the configuration of that Dovecot.",
    ),
};
