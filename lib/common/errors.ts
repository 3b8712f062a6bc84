import { dirname, sep } from "node:path";

/** Every error that the constructs throw on purpose. The code is stable; the words are for people. */
export class MailSniError extends Error {
  declare readonly code: MailSniErrorCode;
  /** What was given and what is wrong with it. */
  declare readonly problem: string;
  /** What to write or do instead. */
  declare readonly remedy: string;

  constructor(code: MailSniErrorCode, problem: string, remedy: string) {
    super(`${problem} ${remedy} [${code}]`);
    // Not enumerable: Node.js would print them below a message that has them all.
    Object.defineProperties(this, {
      name: { value: "MailSniError" },
      code: { value: code },
      problem: { value: problem },
      remedy: { value: remedy },
    });
    this.stack = withoutOwnFrames(this);
  }
}

const PACKAGE = dirname(__dirname) + sep;

/** A mistake is where the user's own program calls the package, not in the depths of it. */
function withoutOwnFrames(error: Error): string {
  const frames = (error.stack ?? "").split("\n").filter((line) => /^ {4}at /.test(line));
  return [String(error), ...frames.filter((frame) => !frame.includes(PACKAGE))].join("\n");
}

export type MailSniErrorCode =
  | HostNameErrorCode
  | PemErrorCode
  | CertificateErrorCode
  | PrivateCaErrorCode
  | AcmeErrorCode
  | DomainErrorCode
  | ServiceErrorCode
  | HostErrorCode
  | SshErrorCode
  | SniErrorCode
  | SniRuleCode
  | AcknowledgementErrorCode
  | TableErrorCode
  | PluginErrorCode;

/** The same error, said to be about one of several things: a row of a file, the certificate of a domain. */
export function errorOf(subject: string, { code, problem, remedy }: MailSniError): MailSniError {
  return new MailSniError(code, `${subject}: ${problem}`, remedy);
}

export type HostNameErrorCode =
  | "HOST_NAME_EMPTY"
  | "HOST_NAME_INVALID"
  | "HOST_NAME_IP_ADDRESS"
  | "HOST_NAME_NOT_LITERAL"
  | "HOST_NAME_SINGLE_LABEL"
  | "HOST_NAME_TOO_LONG"
  | "HOST_NAME_WILDCARD"
  | "HOST_NAME_WILDCARD_MISPLACED";

/** What `parseHostName` and `parseCertificateName` throw. `given` is what the user wrote. */
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

/** Says which part of a URL, an address or a padded name was probably meant. */
function meantName(given: string): string | null {
  const name =
    /^\s*(?:[a-z]+:\/\/)?(?:[^@/\s]*@)?((?:[a-z0-9-]+\.)+[a-z0-9-]+)\.?(?::\d+)?(?:\/\S*)?\s*$/i.exec(
      given,
    )?.[1];
  return name === undefined ? null : `Write the host name alone: ${name.toLowerCase()}.`;
}

export type PemErrorCode =
  | "PEM_BLOCK_BROKEN"
  | "PEM_EMPTY"
  | "PEM_NO_BLOCK"
  | "PEM_NO_FINAL_NEWLINE"
  | "PEM_NOT_IN_FIRST_COLUMN"
  | "PEM_NOT_SEPARATED";

/** What `parsePem` reports. Never quotes the text: it may be a key. `line` counts from 1. */
export const pemErrors = {
  empty: () =>
    new MailSniError(
      "PEM_EMPTY",
      "The PEM is empty.",
      "Give the private key, the certificate and its chain, as they stand in privkey.pem and fullchain.pem.",
    ),
  noBlock: () =>
    new MailSniError(
      "PEM_NO_BLOCK",
      "The text is no PEM: no line of it is -----BEGIN …-----.",
      "Give the contents of the PEM file, not its path; a DER or PKCS #12 file has to be converted first (openssl x509, openssl pkcs12).",
    ),
  unfinishedBlock: (label: string, line: number | null) =>
    new MailSniError(
      "PEM_BLOCK_BROKEN",
      `The ${label} block is cut off: ${line === null ? "the text ends" : `another block begins on line ${line}`} before its -----END ${label}-----.`,
      "Copy the file again, whole.",
    ),
  strayEnd: (label: string, line: number) =>
    new MailSniError(
      "PEM_BLOCK_BROKEN",
      `Line ${line} ends a ${label} block that was never begun.`,
      "Copy the file again, whole.",
    ),
  notInFirstColumn: (line: number) =>
    new MailSniError(
      "PEM_NOT_IN_FIRST_COLUMN",
      `Line ${line} has something in front of its dashes, so that servers pass over the block.`,
      "Have every BEGIN and END line start in the first column: take away the indentation (<<-EOT in Terraform does), or the byte order mark of a file that was appended.",
    ),
  notSeparated: (line: number) =>
    new MailSniError(
      "PEM_NOT_SEPARATED",
      `On line ${line} one PEM block ends and another begins.`,
      "End each part by a newline before joining them: qmail answers such a file with a fatal alert.",
    ),
  noFinalNewline: () =>
    new MailSniError(
      "PEM_NO_FINAL_NEWLINE",
      "The PEM does not end in a newline.",
      "Add one: whatever is appended later would make the last block unreadable.",
    ),
};

export type CertificateErrorCode =
  | "CERTIFICATE_EXPIRED"
  | "CERTIFICATE_MISSING"
  | "CERTIFICATE_NAMES_MISSING"
  | "CERTIFICATE_NOT_FOR_SERVERS"
  | "CERTIFICATE_NOT_YET_VALID"
  | "CERTIFICATE_UNREADABLE"
  | "CERTIFICATE_UNEXPECTED_BLOCK"
  | "CHAIN_DUPLICATE"
  | "CHAIN_BROKEN"
  | "CHAIN_MISSING"
  | "CHAIN_ORDER"
  | "KEY_ENCRYPTED"
  | "KEY_MISMATCH"
  | "KEY_MISSING"
  | "KEY_PASSPHRASE_WRONG"
  | "KEY_SEVERAL"
  | "KEY_UNREADABLE"
  | "KEY_UNWANTED"
  | "KEY_WEAK"
  | "LEAF_NOT_FIRST";

/** What `inspectCombinedPem` reports. A `title` says which certificate of the text it is, and its subject. */
export const certificateErrors = {
  noKey: () =>
    new MailSniError(
      "KEY_MISSING",
      "The PEM holds no private key.",
      "Put the key of the certificate in front of it: servers read both from one file.",
    ),
  keyUnwanted: () =>
    new MailSniError(
      "KEY_UNWANTED",
      "The PEM holds a private key where only certificates belong.",
      "Take it out here, and give it as the private key alone.",
    ),
  severalKeys: (count: number) =>
    new MailSniError(
      "KEY_SEVERAL",
      `The PEM holds ${count} private keys.`,
      "Keep one key with its certificate and chain: of an RSA and an ECDSA pair in one file servers use only the first.",
    ),
  encryptedKey: () =>
    new MailSniError(
      "KEY_ENCRYPTED",
      "The private key is encrypted, and the environment variable MAIL_SNI_KEY_PASSPHRASE is not set.",
      "Set it to the passphrase of the key where the engine runs. A key of your own can also be decrypted: openssl pkey -in KEY -out DECRYPTED, with a umask of 077.",
    ),
  wrongPassphrase: () =>
    new MailSniError(
      "KEY_PASSPHRASE_WRONG",
      "The private key is encrypted, and what the environment variable MAIL_SNI_KEY_PASSPHRASE is set to does not open it.",
      "Set it to the passphrase that the key was encrypted with. If that was changed, set MAIL_SNI_KEY_PASSPHRASE_OLD to the former one as well, until an apply has encrypted all keys anew.",
    ),
  unreadableKey: (label: string) =>
    new MailSniError(
      "KEY_UNREADABLE",
      `The ${label} block cannot be read as a private key.`,
      "Copy the key again, whole, or convert it to PKCS #8: openssl pkey -in KEY -out CONVERTED, with a umask of 077.",
    ),
  keyMismatch: (title: string) =>
    new MailSniError(
      "KEY_MISMATCH",
      `The private key belongs neither to ${title} nor to another one in the PEM.`,
      "Give the key that the certificate was requested with; after a renewal key and certificate have to come from the same run.",
    ),
  weakKey: (title: string, bits: number, minimum: number) =>
    new MailSniError(
      "KEY_WEAK",
      `The RSA key of ${title} has ${bits} bits; servers refuse less than ${minimum}.`,
      `Have the certificate issued anew with RSA of ${minimum} bits or more, or with ECDSA.`,
    ),
  noCertificate: () =>
    new MailSniError(
      "CERTIFICATE_MISSING",
      "The PEM holds no certificate.",
      "Put the certificate and its chain (fullchain.pem) behind the key.",
    ),
  unreadableCertificate: (position: number, count: number) =>
    new MailSniError(
      "CERTIFICATE_UNREADABLE",
      `Certificate ${position} of ${count} cannot be read.`,
      "Copy it again, whole; openssl x509 -in FILE -noout -text has to show it.",
    ),
  unexpectedBlock: (label: string) =>
    new MailSniError(
      "CERTIFICATE_UNEXPECTED_BLOCK",
      `The PEM holds a ${label} block, which is neither a private key nor a certificate.`,
      "Take it out; a CERTIFICATE REQUEST is what a CA is sent, not the certificate that it returns.",
    ),
  leafNotFirst: (title: string) =>
    new MailSniError(
      "LEAF_NOT_FIRST",
      `The first certificate is not the server's own: that is ${title}.`,
      "Put the leaf first, then its issuer, and so on: qmail answers another order with a fatal alert.",
    ),
  duplicate: (title: string) =>
    new MailSniError(
      "CHAIN_DUPLICATE",
      `An earlier certificate comes again as ${title}.`,
      "Keep it once: give fullchain.pem, or cert.pem and chain.pem, but not both.",
    ),
  chainOrder: (title: string, issuer: string) =>
    new MailSniError(
      "CHAIN_ORDER",
      `The chain is out of order: ${title} was issued by ${issuer}, which is not the next one.`,
      "Put each certificate directly in front of its issuer, the leaf first.",
    ),
  brokenChain: (title: string, issuer: string, next: string) =>
    new MailSniError(
      "CHAIN_BROKEN",
      `The chain is broken: ${title} was issued by ${issuer}, but is followed by ${next}.`,
      "Give the chain that came with this certificate: each one has to be issued by the next, and nothing else may be in it.",
    ),
  noChain: (issuer: string) =>
    new MailSniError(
      "CHAIN_MISSING",
      `There is nothing behind the leaf, which was issued by ${issuer}.`,
      "Give the full chain (fullchain.pem) unless clients have that issuer as a root: most mail clients do not fetch a missing intermediate.",
    ),
  notYetValid: (title: string, from: Date, at: Date) =>
    new MailSniError(
      "CERTIFICATE_NOT_YET_VALID",
      `The validity of ${title} begins at ${timestamp(from)}; it is ${timestamp(at)} now.`,
      "Check the clock of this machine, or wait.",
    ),
  expired: (title: string, until: Date, at: Date) =>
    new MailSniError(
      "CERTIFICATE_EXPIRED",
      `The validity of ${title} ended at ${timestamp(until)}; it is ${timestamp(at)} now.`,
      "Renew the certificate, with its chain; or set the clock of this machine, if that is not the time.",
    ),
  notForServers: (title: string) =>
    new MailSniError(
      "CERTIFICATE_NOT_FOR_SERVERS",
      `The extended key usage of ${title} does not include serverAuth.`,
      "Have a certificate issued for TLS servers: clients refuse this one.",
    ),
  namesNotCovered: (missing: readonly string[], dnsNames: readonly string[]) =>
    new MailSniError(
      "CERTIFICATE_NAMES_MISSING",
      `The certificate does not cover ${listed(missing)}; its names are ${listed(dnsNames, "none (the CN does not count)")}.`,
      "Have it issued for every name that it is to be presented for, or take those names out.",
    ),
};

export type PrivateCaErrorCode =
  | "CA_VALIDITY"
  | "CA_KEY_MISMATCH"
  | "CA_KEY_UNUSABLE"
  | "CA_NOT_A_CA"
  | "CA_NOT_ONE_BLOCK"
  | "CA_NOT_VALID_NOW";

/** About the CA that a private certificate is issued from. */
export const privateCaErrors = {
  validityHours: (subject: string, given: number) =>
    new MailSniError(
      "CA_VALIDITY",
      `The validity of ${subject} is ${given} hours.`,
      "Give a whole number of hours, one at least; 24 is a day, 8760 a year.",
    ),
  renewBeforeHours: (subject: string, given: number, validity: number) =>
    new MailSniError(
      "CA_VALIDITY",
      `The renewal of ${subject} is due ${given} hours before the end of its ${validity} hours.`,
      "Give a whole number of hours that is less than the validity, or leave it out.",
    ),
  notOneBlock: () =>
    new MailSniError(
      "CA_NOT_ONE_BLOCK",
      "The PEM of the CA does not hold exactly one block.",
      "Give the certificate of the CA that issues, alone, and its private key alone: the two outputs of a mailsni_private_ca are of this form.",
    ),
  notACa: (subject: string) =>
    new MailSniError(
      "CA_NOT_A_CA",
      `The certificate of ${quote(subject)} is not allowed to issue certificates.`,
      "Give the certificate of a CA: basicConstraints with CA:TRUE, and keyCertSign where it has a key usage.",
    ),
  keyMismatch: () =>
    new MailSniError(
      "CA_KEY_MISMATCH",
      "The private key does not belong to the certificate of the CA.",
      "Give both of the same CA: clients would not accept what another key has signed.",
    ),
  keyType: (type: string) =>
    new MailSniError(
      "CA_KEY_UNUSABLE",
      `The CA has a key of type ${quote(type)}, with which nothing can be issued here.`,
      "Use a CA with an ECDSA key (P-256, P-384, P-521) or an RSA key.",
    ),
  notValidNow: (from: Date, until: Date, at: Date) =>
    new MailSniError(
      "CA_NOT_VALID_NOW",
      `The certificate of the CA is valid from ${timestamp(from)} until ${timestamp(until)}; it is ${timestamp(at)} now.`,
      "Renew the CA, or check the clock of this machine.",
    ),
};

export type AcmeErrorCode = "ACME_CONTACT" | "ACME_DIRECTORY" | "CHALLENGE_HOOK" | "CHALLENGE_WEBROOT";

/** About a CA that certificates are ordered from, and how names are proven to it. */
export const acmeErrors = {
  contactInvalid: (given: string) =>
    new MailSniError(
      "ACME_CONTACT",
      `The contact ${quote(given)} is no e-mail address.`,
      'Give one without "mailto:", such as "hostmaster@domain1.tld", or leave it out.',
    ),
  directoryInvalid: (given: string) =>
    new MailSniError(
      "ACME_DIRECTORY",
      `${quote(given)} is not the URL of an ACME directory.`,
      "Give one that begins with https://, such as https://ca.domain1.tld/acme/directory.",
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
      `The webroot ${quote(given)} ends in the folders that CAs ask for below it.`,
      `Give the directory above them, ${quote(root)}: tokens are put into its .well-known/acme-challenge.`,
    ),
};

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

export type ServiceErrorCode =
  | "COMMAND_EMPTY"
  | "DOVECONF_CONDITIONAL"
  | "DOVECONF_INVALID"
  | "DOVECONF_UNCLEAR"
  | "DOVECONF_UNREADABLE"
  | "ENDPOINT_PORT"
  | "LOCAL_NAMES_SEVERAL"
  | "LOCAL_NAME_INVALID"
  | "MODE_INVALID"
  | "PATH_INVALID"
  | "PATH_TWICE"
  | "PATTERN_INVALID"
  | "SERVICE_NAME_INVALID";

/** What the description of a mail server is refused for. */
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
      `${quote(given)} does not say where the PEM of which name is.`,
      "Write {name} where the host name belongs, such as /etc/server/sni/{name}.pem.",
    ),
  mode: (given: string) =>
    new MailSniError(
      "MODE_INVALID",
      `${quote(given)} is not a file mode.`,
      'Write the permission bits in octal as a string, such as "0640".',
    ),
  port: (given: number) =>
    new MailSniError("ENDPOINT_PORT", `${given} is not a TCP port.`, "Use a whole number from 1 to 65535."),
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
      "Write what the host's Dovecot says into it (doveconf -n > FILE), and give its path, absolute or relative to the directory in which cdktf runs.",
    ),
  doveconfInvalid: (path: string) =>
    new MailSniError(
      "DOVECONF_INVALID",
      `${path} is not what doveconf -n prints: that begins with Dovecot's version, and closes each block that it opens.`,
      "Run doveconf -n > FILE on the host again, and take the whole output; the configuration files themselves will not do, since they include each other.",
    ),
  doveconfConditional: (blocks: readonly string[]) =>
    new MailSniError(
      "DOVECONF_CONDITIONAL",
      `A certificate is set in ${blocks.map((block) => quote(block)).join(" in ")}, so that it depends on more than the name that a client asks for.`,
      "Take it out of Dovecot's configuration, or into a local_name block of its own: Dovecot 2.3 disconnects clients for whom that and a name match, on 2.4 the later one in the files wins.",
    ),
  doveconfUnclear: (names: readonly string[]) =>
    new MailSniError(
      "DOVECONF_UNCLEAR",
      `The block local_name ${names.join(" ")} stands between blocks of this library, so that it cannot be seen whether Dovecot read it before or after them: it has merged blocks of one name.`,
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

export type HostErrorCode =
  | "HOST_IN_ANOTHER_STACK"
  | "HOST_PLACE_TWICE"
  | "HOST_TWICE"
  | "ID_INVALID"
  | "PROVIDER_LOCAL_MISSING"
  | "ROOT_INVALID"
  | "SERVICES_EMPTY"
  | "SERVICE_TWICE"
  | "STAGED_KEY_ENCRYPTED"
  | "STAGING_PATH_INVALID";

/** What mail hosts, and names on them, are refused for. A `party` says which domain of which MailSni. */
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
      "Give each host an id of its own, wherever it stands in the tree.",
    ),
  placeTwice: (place: string, one: string, other: string) =>
    new MailSniError(
      "HOST_PLACE_TWICE",
      `The mail hosts ${quote(one)} and ${quote(other)} are the same place: ${place}.`,
      "Declare it once, with all services that run there, or give each a place of its own: they would take each other's files at every deploy.",
    ),
  inAnotherStack: (name: string, stack: string, other: string) =>
    new MailSniError(
      "HOST_IN_ANOTHER_STACK",
      `The mail host ${quote(name)} belongs to the stack ${quote(other)}, and is used in ${quote(stack)}.`,
      "Declare hosts in the stack that uses them: one host is looked after by one stack.",
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
      "Give the key unencrypted to trees. Certificates that the provider issues for them belong into a stack that is deployed without MAIL_SNI_KEY_PASSPHRASE.",
    ),
  providerLocalMissing: () =>
    new MailSniError(
      "PROVIDER_LOCAL_MISSING",
      "MailHost.directory writes its files with the package @cdktf/provider-local, which is not installed.",
      "Install it: npm install @cdktf/provider-local.",
    ),
};

export type SshErrorCode = "BECOME_INVALID" | "HOST_KEY_INVALID" | "SSH_ADDRESS_INVALID" | "SSH_FILE_INVALID";

/** What the settings of a host that is reached by ssh are refused for. */
export const sshErrors = {
  address: (given: string, fault: string) =>
    new MailSniError(
      "SSH_ADDRESS_INVALID",
      `The SSH address ${quote(given)} ${fault}.`,
      'Write "user@host:port" or "host", an IPv6 address in brackets ("root@[2001:db8::1]:22"), or the name of a Host in your ssh configuration.',
    ),
  file: (what: string, given: string, fault: string) =>
    new MailSniError(
      "SSH_FILE_INVALID",
      `The ${what} ${quote(given)} ${fault}.`,
      "Write the path of a file on the machine that deploys, absolute, relative to the project or beginning with ~/, without quotation marks, backslashes, control characters and ${.",
    ),
  hostKey: (given: string, fault: string) =>
    new MailSniError(
      "HOST_KEY_INVALID",
      `The host key ${quote(given)} ${fault}.`,
      "Write the contents of /etc/ssh/ssh_host_ed25519_key.pub of the host (ssh-ed25519 AAAA…), or a whole line of a known_hosts file.",
    ),
  become: (given: string) =>
    new MailSniError(
      "BECOME_INVALID",
      `${quote(given)} is not a command that others can follow.`,
      'Write a program and its options, such as "sudo -n" or "doas -n": plain words without quotation marks, variables or pipes.',
    ),
};

export type SniErrorCode =
  | "CERTIFICATE_AND_ISSUER"
  | "DEFAULT_NOT_DECLARED"
  | "DEFAULT_NOT_EVERYWHERE"
  | "DEFAULT_TWICE"
  | "DOMAIN_TWICE"
  | "HOSTS_EMPTY"
  | "HOST_NOT_DECLARED"
  | "ISSUER_MISSING";

/** What a MailSni as a whole is refused for. */
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
  issuerMissing: (domain: string) =>
    new MailSniError(
      "ISSUER_MISSING",
      `Nothing says where the certificate of ${domain} comes from.`,
      "Give an issuer to the MailSni or to the domain, such as new PrivateCa(…), or give a certificate. None is chosen for you: clients have to trust it.",
    ),
  certificateAndIssuer: (domain: string) =>
    new MailSniError(
      "CERTIFICATE_AND_ISSUER",
      `${domain} has both a certificate and an issuer.`,
      "Keep one of them.",
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

export type SniRuleCode =
  | "SNI001"
  | "SNI002"
  | "SNI003"
  | "SNI004"
  | "SNI005"
  | "SNI006"
  | "SNI007"
  | "SNI008"
  | "SNI009"
  | "SNI010"
  | "SNI011"
  | "SNI012"
  | "SNI013";

/** What a rule about who is served what says; docs/rules.md has each. A `party` says which domain of which MailSni. */
export const ruleErrors = {
  nameTaken: (name: string, host: string, one: string, other: string) =>
    new MailSniError(
      "SNI001",
      `${name} is declared twice for the mail host ${quote(host)}: by ${one} and by ${other}.`,
      "Leave it to one of them: a server can present only one certificate for a name.",
    ),
  defaultMissing: (host: string) =>
    new MailSniError(
      "SNI002",
      `Nothing says which certificate the mail host ${quote(host)} presents to clients that send no name, or an unknown one.`,
      "Give a MailSni that has it among its hosts a defaultDomain: without a default neither qmail nor Dovecot offers TLS to anybody.",
    ),
  addressTwice: (address: string, one: string, other: string) =>
    new MailSniError(
      "SNI003",
      `Two resources have the address ${address}, of which only one would be deployed: ${one} and ${other}.`,
      "Declare it once. A certificate that hosts of two MailSni present can be handed over: certificate: domain.certificate.",
    ),
  wildcardNotServed: (service: string, domain: string, wildcard: string) =>
    new MailSniError(
      "SNI004",
      `${service} cannot serve ${wildcard} of ${domain}: it looks up each name literally.`,
      `List the names that clients use instead, such as HostNames.core(), or ${wildcard.replace("*", "imap")} and ${wildcard.replace("*", "smtp")}; a certificate with a wildcard may still be given for them.`,
    ),
  namesWithoutEntry: (names: readonly string[], hosts: readonly string[], defaultDomain: string) =>
    new MailSniError(
      "SNI005",
      `Certificates cover ${listed(names)}, but ${listed(hosts)} ${hosts.length === 1 ? "has" : "have"} no entry for that, and servers look for exact names: clients that ask for such a name are presented the certificate of ${defaultDomain}, the default, and warn their users.`,
      `Declare the names that clients use. ${unless("SNI005", "no mail client uses one")}`,
    ),
  /** @param prefixes of each domain: `imap.`, or nothing for the domain itself */
  clientNames: (domains: readonly string[], prefixes: readonly string[], hosts: readonly string[]) =>
    new MailSniError(
      "SNI006",
      `Mail clients that look for the servers of ${listed(domains)} try ${tried(domains, prefixes)} too, which ${prefixes.length === 1 ? "is" : "are"} not declared: those that DNS leads to ${listed(hosts)} by such a name are presented the default certificate, and warn their users.`,
      `Declare what DNS has of these; HostNames.core() is all of them. ${unless("SNI006", "DNS has none of them")}`,
    ),
  takenNames: (
    names: readonly string[],
    { host, service }: { readonly host: string; readonly service: string },
    { file, entry, reason }: { readonly file?: string; readonly entry?: string; readonly reason?: string },
  ) =>
    new MailSniError(
      "SNI007",
      `On ${host}, ${service} presents ${file} for ${listed(names)}, and not the certificate that is declared: ${entry} is not ours${reason === undefined ? "" : `, and wins, for ${reason}`}.`,
      `Take the block out of the server's configuration and out of otherBlocks, or leave the name to it and declare it no longer.`,
    ),
  upgradeDifferences: (
    names: readonly string[],
    hosts: readonly string[],
    {
      service,
      upgrade,
      now,
      then,
    }: { readonly service: string; readonly upgrade: string; readonly now: string; readonly then: string },
  ) =>
    new MailSniError(
      "SNI008",
      `When ${service} on ${listed(hosts)} becomes ${upgrade}, clients that ask for ${listed(names)} are presented ${then} instead of ${now}: several blocks match, of which that version takes another one.`,
      `Take out, before the upgrade, those blocks that are not ours and not to win. ${unless("SNI008", "clients accept both")}`,
    ),
  portsWithoutSni: (
    names: readonly string[],
    {
      hosts,
      service,
      port,
      defaultDomain,
    }: {
      readonly hosts: readonly string[];
      readonly service: string;
      readonly port: number;
      readonly defaultDomain: string;
    },
  ) =>
    new MailSniError(
      "SNI009",
      `Port ${port} of ${service} on ${listed(hosts)} presents the certificate of ${defaultDomain} to everybody, whatever name a client asks for. Clients that connect there as ${listed(names)} warn their users.`,
      `Have the port look at the name, which for qmail's 465 is tcpserver with SMTPS=1 and smtps: QmailSmtps.PER_NAME here; or have users connect to another port, or as a name that the certificate covers. ${unless("SNI009", "they do")}`,
    ),
  wildcardOverHttp: (wildcard: string) =>
    new MailSniError(
      "SNI010",
      `${wildcard} cannot be proven to a CA over HTTP.`,
      "Use Challenge.dnsHook(…), or list the names that clients use instead.",
    ),
  namesNotPublic: (names: readonly string[]) =>
    new MailSniError(
      "SNI011",
      `No public CA issues for ${listed(names)}: nobody but you can look such names up.`,
      "Take them out, or have the domain's certificate issued by a PrivateCa, or by AcmeIssuer.directory(…) of your own.",
    ),
  tooManyNames: (domain: string, count: number, profile: string, most: number) =>
    new MailSniError(
      "SNI012",
      `The certificate of ${domain} would be for ${count} names, and Let's Encrypt's profile ${profile} allows ${most}.`,
      "Serve some of the names as a domain of their own, which has a certificate of its own, or take another profile.",
    ),
  lifetimeTooShort: (domain: string, lifetimeHours: number, runIntervalHours: number) =>
    new MailSniError(
      "SNI013",
      `The certificate of ${domain} is valid for ${lifetimeHours} hours, and deployed every ${runIntervalHours}: a renewal that fails once would leave the domain with one that has expired.`,
      `Deploy at least every ${Math.floor(lifetimeHours / 2)} hours (runIntervalHours), or have certificates that are valid for longer.`,
    ),
};

function tried(domains: readonly string[], prefixes: readonly string[]): string {
  if (domains.length === 1) return listed(prefixes.map((prefix) => `${prefix}${domains[0]}`));
  return listed(prefixes.map((prefix) => (prefix === "" ? "the domain itself" : `${prefix}…`)));
}

/** What to write where somebody knows better than a rule. */
function unless(code: SniRuleCode, because: string): string {
  return `Where ${because}, say so: SniRules.of(stack).acknowledge("${code}", "…").`;
}

export type AcknowledgementErrorCode = "RULE_MANDATORY" | "RULE_REASON_EMPTY" | "RULE_UNKNOWN";

/** What `SniRules.acknowledge` refuses. */
export const acknowledgementErrors = {
  mandatory: (code: string) =>
    new MailSniError(
      "RULE_MANDATORY",
      `The rule ${code} cannot be acknowledged: what it refuses cannot work.`,
      "Do what its message says.",
    ),
  unknown: (code: string, known: readonly string[]) =>
    new MailSniError(
      "RULE_UNKNOWN",
      `There is no rule ${quote(code)}.`,
      `Write the code that stands at the end of the message: one of ${listed(known)}.`,
    ),
  reasonEmpty: (code: string) =>
    new MailSniError(
      "RULE_REASON_EMPTY",
      `Nothing says why the rule ${code} does not matter here.`,
      "Give the reason, in a sentence for those who review the table of who is served what.",
    ),
};

export type TableErrorCode = "TABLE_DIRECTORY" | "TABLE_UNWRITABLE";

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

export type PluginErrorCode = "HCL_OUTPUT" | "PROVIDER_DAMAGED" | "PROVIDER_NOT_BUILT";

/** What keeps the provider from being put beside a stack. */
export const pluginErrors = {
  hclOutput: () =>
    new MailSniError(
      "HCL_OUTPUT",
      "The stack is to be written as HCL, which cdktf cannot do for maps of files.",
      "Leave out hclOutput, --hcl and SYNTH_HCL_OUTPUT, so that it is written as JSON: engines take both.",
    ),
  notBuilt: (directory: string) =>
    new MailSniError(
      "PROVIDER_NOT_BUILT",
      `The Terraform provider is missing: there is no ${directory}/manifest.json.`,
      "Run `npm run build` in a checkout of cdktf-mail-sni; of an installed package, install it again.",
    ),
  damaged: (file: string, problem: string) =>
    new MailSniError(
      "PROVIDER_DAMAGED",
      `The Terraform provider in ${file} ${problem}.`,
      "Run `npm run build` in a checkout of cdktf-mail-sni; of an installed package, install it again.",
    ),
};

/** At most ten, so that a message stays readable. */
function listed(names: readonly string[], none = "none"): string {
  if (names.length === 0) return none;
  const shown = names.slice(0, 10).join(", ");
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown;
}

/** UTC to the second. */
function timestamp(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}

/** As JSON, so that invisible characters show, and never longer than a line. */
function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);
}
