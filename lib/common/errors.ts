/** Every error that the constructs throw on purpose. The code is stable; the words are for people. */
export class MailSniError extends Error {
  override readonly name = "MailSniError";

  constructor(
    readonly code: MailSniErrorCode,
    /** What was given and what is wrong with it. */
    readonly problem: string,
    /** What to write or do instead. */
    readonly remedy: string,
  ) {
    super(`${problem} ${remedy} [${code}]`);
  }
}

export type MailSniErrorCode = HostNameErrorCode | PemErrorCode | CertificateErrorCode;

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
      "The private key is encrypted, and no server can ask for its passphrase.",
      "Decrypt it: openssl pkey -in KEY -out DECRYPTED, with a umask of 077.",
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
      "Renew the certificate, with its chain.",
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
      `The certificate does not cover ${listed(missing)}; its names are ${listed(dnsNames)}.`,
      "Have it issued for every name that it is to be presented for, or take those names out.",
    ),
};

/** At most ten, so that a message stays readable. */
function listed(names: readonly string[]): string {
  if (names.length === 0) return "none (the CN does not count)";
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
