import { rfc3339 } from "../time/rfc3339";
import { MailSniError } from "./mail-sni-error";
import { listed, quote } from "./wording";

/**
 * Errors that `inspectCombinedPem` reports. A `title` names the certificate's position in the text and its
 * subject.
 */
export const certificateErrors = {
  filePathRelative: (path: string) =>
    new MailSniError(
      "FILE_PATH_RELATIVE",
      `Fn.file(${quote(path)}) is relative to the stack's own directory below cdktf.out, where the engine runs, not to the directory in which the program runs.`,
      `Write an absolute path, such as Fn.file(resolve(${quote(path)})) with resolve of node:path.`,
    ),
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
      "Keep one key with its certificate and chain: of two keys in one file, servers use only the first.",
    ),
  encryptedKey: () =>
    new MailSniError(
      "KEY_ENCRYPTED",
      "The private key is encrypted, and no passphrase is set where the engine runs.",
      "For a key of your own, set the environment variable MAIL_SNI_OWN_KEY_PASSPHRASE to its passphrase, or decrypt the key: openssl pkey -in KEY -out DECRYPTED, with a umask of 077. For a key of the state, set MAIL_SNI_KEY_PASSPHRASE to the passphrase that the state's keys are encrypted with.",
    ),
  wrongPassphrase: (variables: readonly string[]) =>
    new MailSniError(
      "KEY_PASSPHRASE_WRONG",
      `The private key is encrypted, and no passphrase in the environment decrypts it: ${variables.join(", ")}.`,
      "For a key of your own, set MAIL_SNI_OWN_KEY_PASSPHRASE to its passphrase. For a key of the state, set MAIL_SNI_KEY_PASSPHRASE to the passphrase that the state's keys are encrypted with; if that was changed, set MAIL_SNI_KEY_PASSPHRASE_OLD to the former one as well, until an apply has re-encrypted all keys.",
    ),
  /**
   * @param cost such as `20000000 rounds of PBKDF2`
   * @param most the maximum that is accepted, in the same unit
   */
  costlyDerivation: (cost: string, most: number) =>
    new MailSniError(
      "KEY_DERIVATION_COSTLY",
      `Decrypting the private key takes ${cost}. The maximum is ${most}.`,
      "Encrypt the key again with a tool's default settings, with a umask of 077: openssl pkey -in KEY -aes256 -out ENCRYPTED.",
    ),
  openSshKey: () =>
    new MailSniError(
      "KEY_UNREADABLE",
      "The OPENSSH PRIVATE KEY block is a key in OpenSSH's own format, which mail servers do not read.",
      "Give the key that the certificate was requested with. If it is this one, convert a copy of it: ssh-keygen -p -N '' -m PKCS8 -f COPY.",
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
  weakKey: (title: string, key: string) =>
    new MailSniError(
      "KEY_WEAK",
      `The key of ${title} is too small (${key}): mail servers with OpenSSL's default security level 2 refuse to load it.`,
      "Get a certificate, and a chain, with RSA keys of at least 2048 bits or ECDSA keys.",
    ),
  weakSignature: (title: string, signature: string) =>
    new MailSniError(
      "SIGNATURE_WEAK",
      `The signature of ${title} uses ${signature}: mail servers refuse to load it (OpenSSL's default security level 2), and clients refuse to trust it.`,
      "Get the certificate, or the chain, reissued with SHA-256 signatures.",
    ),
  unsupportedKey: (title: string, key: string) =>
    new MailSniError(
      "KEY_UNSUPPORTED",
      `The key of ${title} cannot be used for TLS (${key}): every handshake with it fails.`,
      "Get a certificate with an RSA key, or with an ECDSA key on the curve P-256, P-384 or P-521.",
    ),
  refusedByOpenSsl: (title: string, reason: string) =>
    new MailSniError(
      "CERTIFICATE_UNREADABLE",
      `OpenSSL refuses to load ${title}: ${JSON.stringify(reason)}. Mail servers use OpenSSL and would refuse it too.`,
      "Get the certificate reissued, and check its key and its chain.",
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
  unreadableDates: (title: string) =>
    new MailSniError(
      "CERTIFICATE_UNREADABLE",
      `The validity of ${title} cannot be read: its dates are not dates.`,
      "Get the certificate reissued: clients cannot tell whether it has expired.",
    ),
  unexpectedBlock: (label: string) =>
    new MailSniError(
      "CERTIFICATE_UNEXPECTED_BLOCK",
      `The PEM holds a ${label} block, which is neither a private key nor a certificate.`,
      UNEXPECTED_BLOCKS.get(label) ??
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
      `An earlier certificate is repeated as ${title}.`,
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
      `The chain is missing: the PEM has only the leaf, which was issued by ${issuer}.`,
      "Give the full chain (fullchain.pem) unless clients have that issuer as a root: most mail clients do not fetch a missing intermediate.",
    ),
  expiresSoon: (subject: string, until: Date, at: Date) =>
    new MailSniError(
      "CERTIFICATE_EXPIRES_SOON",
      `The certificate ${subject} expires at ${rfc3339(until)}; it is ${rfc3339(at)} now.`,
      "Renew it where it was issued, then apply again with the new one.",
    ),
  markedAsCa: (title: string) =>
    new MailSniError(
      "CERTIFICATE_IS_CA",
      `The leaf, ${title}, is marked as the certificate of a CA (basicConstraints CA:TRUE).`,
      "Some clients refuse a CA certificate as a server's own. Get a leaf issued without CA:TRUE.",
    ),
  keyUsage: (title: string) =>
    new MailSniError(
      "CERTIFICATE_KEY_USAGE",
      `The key usage of ${title} does not include digitalSignature, which its key needs for TLS handshakes.`,
      "Get a certificate with digitalSignature, or without a key usage: many clients refuse this one.",
    ),
  mustStaple: (title: string) =>
    new MailSniError(
      "CERTIFICATE_MUST_STAPLE",
      `The certificate requires OCSP stapling (must-staple): ${title}. qmail and Dovecot do not staple.`,
      "Get a certificate without must-staple (RFC 7633): clients that check it refuse this one.",
    ),
  unknownExtension: (title: string, ids: readonly string[]) =>
    new MailSniError(
      "CERTIFICATE_EXTENSION_UNKNOWN",
      `A critical extension of ${title} is not one that TLS clients know: ${listed(ids)}.`,
      "Clients refuse a certificate with an unknown critical extension. Get one without it, unless your clients know it.",
    ),
  rareKey: (title: string, type: string) =>
    new MailSniError(
      "KEY_RARE",
      `The key of ${title} is of type ${type}, which many mail clients do not support.`,
      "Use an ECDSA (P-256) or RSA key, unless you know all your clients.",
    ),
  notYetValid: (title: string, from: Date, at: Date) =>
    new MailSniError(
      "CERTIFICATE_NOT_YET_VALID",
      `The validity of ${title} begins at ${rfc3339(from)}; it is ${rfc3339(at)} now.`,
      "Check the clock of this machine, or wait.",
    ),
  expired: (title: string, until: Date, at: Date) =>
    new MailSniError(
      "CERTIFICATE_EXPIRED",
      `The validity of ${title} ended at ${rfc3339(until)}; it is ${rfc3339(at)} now.`,
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
      "Get one issued for all of these names, or remove those that it lacks.",
    ),
};

/** Remedies for blocks that contain the required data in another form. */
const UNEXPECTED_BLOCKS: ReadonlyMap<string, string> = new Map([
  [
    "TRUSTED CERTIFICATE",
    "It is a certificate with settings of OpenSSL's own. Convert it: openssl x509 -in FILE -out CONVERTED.",
  ],
  [
    "PKCS7",
    "It holds certificates in another form. Convert it: openssl pkcs7 -print_certs -in FILE -out CONVERTED.",
  ],
  [
    "CMS",
    "It holds certificates in another form. Convert it: openssl pkcs7 -print_certs -in FILE -out CONVERTED.",
  ],
]);
