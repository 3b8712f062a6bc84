import { createHash, type KeyObject, type X509Certificate } from "node:crypto";
import { type CertificateFacts, type FullChain, hasDates } from "./certificate-facts";
import { isEncryptedKey } from "./encrypted-key";
import { certificateErrors, type MailSniError } from "./errors";
import { expiryOf, isSoon } from "./expiry";
import { covers, type HostName } from "./host-name";
import { extensionWarnings, leafWarnings } from "./leaf-warnings";
import { keyOf, refusedByOpenSsl } from "./openssl-check";
import { parsedCertificate, parsedPrivateKey } from "./parsed-pems";
import { type PemBlock, parsePem } from "./pem";
import { truncated } from "./text/truncated";

export type Inspection =
  | {
      readonly ok: true;
      readonly certificate: FullChain;
      /** Warnings: what works, but is probably not intended. */
      readonly warnings: readonly MailSniError[];
    }
  | {
      readonly ok: false;
      /**
       * The problems, at least one. Each says what is wrong and what to do; none contains a byte of the key.
       */
      readonly problems: readonly MailSniError[];
    };

export interface InspectOptions {
  /** The names that the leaf has to cover. */
  readonly names: readonly HostName[];
  /** The time at which the certificates have to be valid. The caller sets it. */
  readonly at: Date;
  /**
   * Whether the text contains the private key. A literal full chain whose key comes from elsewhere has none.
   *
   * @default true
   */
  readonly withKey?: boolean;
}

/**
 * Checks a combined PEM (private key, leaf, chain) as a mail server will read it, before it is installed.
 *
 * The key may be before, between or after the certificates: qmail and Dovecot read all three alike. The first
 * certificate has to be the leaf, and each one has to be issued by the next. There has to be exactly one key:
 * of two key types in one file, the certificate of the second is served as part of the chain.
 */
export function inspectCombinedPem(text: string, { names, at, withKey = true }: InspectOptions): Inspection {
  const { certificate, problems, warnings } = parsedOnce(text, withKey);
  if (certificate === null) return { ok: false, problems };
  const all = [...problems, ...validityProblems(certificate, at), ...nameProblems(certificate.leaf, names)];
  return all.length > 0
    ? { ok: false, problems: all }
    : { ok: true, certificate, warnings: [...warnings, ...expiryWarnings(certificate, at)] };
}

interface Parsed {
  /** The certificate; null if it cannot be determined which one is the leaf. */
  readonly certificate: FullChain | null;
  readonly problems: readonly MailSniError[];
  readonly warnings: readonly MailSniError[];
}

/**
 * A cache: one apply checks the same text several times, in the validation, two plans, and the write for each
 * server.
 */
const parsedTexts = new Map<string, Parsed>();
const REMEMBERED_TEXTS = 4096;

function parsedOnce(text: string, withKey: boolean): Parsed {
  const hash = `${withKey} ${createHash("sha256").update(text).digest("base64")}`;
  let parsed = parsedTexts.get(hash);
  if (parsed === undefined) {
    if (parsedTexts.size >= REMEMBERED_TEXTS) parsedTexts.clear();
    parsed = parse(text, withKey);
    parsedTexts.set(hash, parsed);
  }
  return parsed;
}

function parse(text: string, withKey: boolean): Parsed {
  const { blocks, problems: pemProblems } = parsePem(text);
  const problems = [...pemProblems];
  // Check this first: the block may be the missing part in another form.
  for (const { label } of blocks) {
    if (!isKey(label) && label !== CERTIFICATE && !PARAMETERS.test(label)) {
      problems.push(certificateErrors.unexpectedBlock(label));
    }
  }
  const key = readKey(blocks, withKey, problems);
  const certificates = readCertificates(blocks, problems);
  if (certificates === null || !isLeafFirst(certificates, key, problems)) {
    return { certificate: null, problems, warnings: [] };
  }
  problems.push(...chainProblems(certificates), ...leafProblems(certificates[0] as Certificate));
  // A problem that is already reported may be the reason why OpenSSL refuses the PEM.
  if (problems.every(({ code }) => HARMLESS_TO_OPENSSL.has(code)))
    problems.push(...refusedByOpenSsl(certificates));
  const [leaf, ...chain] = certificates.map(({ facts }) => facts) as [
    CertificateFacts,
    ...CertificateFacts[],
  ];
  return { certificate: { leaf, chain }, problems, warnings: chainWarnings(certificates) };
}

/** Problems despite which OpenSSL loads a PEM. */
const HARMLESS_TO_OPENSSL: ReadonlySet<string> = new Set([
  "CERTIFICATE_NOT_FOR_SERVERS",
  "CHAIN_BROKEN",
  "CHAIN_DUPLICATE",
  "CHAIN_ORDER",
  "PEM_NO_FINAL_NEWLINE",
]);

const CERTIFICATE = "CERTIFICATE";
/** Blocks that OpenSSL writes beside keys and ignores when it reads them. */
const PARAMETERS = /^(EC|DH|DSA) PARAMETERS$/;

function isKey(label: string): boolean {
  return label.endsWith("PRIVATE KEY");
}

function readKey(blocks: readonly PemBlock[], wanted: boolean, problems: MailSniError[]): KeyObject | null {
  const keys = blocks.filter(({ label }) => isKey(label));
  if (!wanted) {
    if (keys.length > 0) problems.push(certificateErrors.keyUnwanted());
    return null;
  }
  const [block] = keys;
  if (block === undefined) {
    if (blocks.length > 0) problems.push(certificateErrors.noKey());
    return null;
  }
  if (keys.length > 1) problems.push(certificateErrors.severalKeys(keys.length));
  if (isEncryptedKey(block.text)) {
    problems.push(certificateErrors.encryptedKey());
    return null;
  }
  try {
    return parsedPrivateKey(block.text);
  } catch {
    problems.push(
      block.label.startsWith("OPENSSH ")
        ? certificateErrors.openSshKey()
        : certificateErrors.unreadableKey(block.label),
    );
    return null;
  }
}

/** A certificate as OpenSSL loaded it, with the facts read from it. */
interface Certificate {
  readonly x509: X509Certificate;
  readonly pem: string;
  readonly facts: CertificateFacts;
  /** The certificate's position and subject, for messages. */
  readonly title: string;
}

/** Reads the certificates; null if there is none, or if one of them cannot be read. */
function readCertificates(blocks: readonly PemBlock[], problems: MailSniError[]): Certificate[] | null {
  const found = blocks.filter(({ label }) => label === CERTIFICATE);
  if (found.length === 0) {
    if (blocks.length > 0) problems.push(certificateErrors.noCertificate());
    return null;
  }
  const certificates: Certificate[] = [];
  for (const [index, { text }] of found.entries()) {
    try {
      const certificate = readCertificate(text, index + 1, found.length);
      if (hasDates(certificate.facts)) certificates.push(certificate);
      else problems.push(certificateErrors.unreadableDates(certificate.title));
    } catch {
      problems.push(certificateErrors.unreadableCertificate(index + 1, found.length));
    }
  }
  return certificates.length === found.length ? certificates : null;
}

function readCertificate(pem: string, position: number, count: number): Certificate {
  const { x509, facts } = parsedCertificate(pem);
  return { x509, pem, facts, title: titleOf(position, count, facts) };
}

function titleOf(position: number, count: number, { subject }: CertificateFacts): string {
  return `certificate ${position} of ${count} (${shortened(subject)})`;
}

function shortened(subject: string): string {
  if (subject === "") return "without a subject";
  return truncated(subject, 100);
}

/** Whether the first certificate matches the key. */
function isLeafFirst(
  certificates: readonly Certificate[],
  key: KeyObject | null,
  problems: MailSniError[],
): boolean {
  if (key === null) {
    const [first, ...others] = certificates as [Certificate, ...Certificate[]];
    const issued = others.find((other) => !isSame(first, other) && isIssuedBy(other, first));
    if (issued !== undefined) problems.push(certificateErrors.leafNotFirst(issued.title));
    return issued === undefined;
  }
  const leaf = certificates.findIndex(({ x509 }) => x509.checkPrivateKey(key));
  if (leaf === -1) problems.push(certificateErrors.keyMismatch((certificates[0] as Certificate).title));
  if (leaf > 0) problems.push(certificateErrors.leafNotFirst((certificates[leaf] as Certificate).title));
  return leaf <= 0;
}

/** The first problem with the order: later ones usually follow from it. */
function chainProblems(certificates: readonly Certificate[]): MailSniError[] {
  for (const [index, certificate] of certificates.entries()) {
    if (certificates.slice(0, index).some((earlier) => isSame(earlier, certificate))) {
      return [certificateErrors.duplicate(certificate.title)];
    }
  }
  for (const [index, certificate] of certificates.slice(0, -1).entries()) {
    const next = certificates[index + 1] as Certificate;
    if (isIssuedBy(certificate, next)) continue;
    const issuer = certificates.find((other) => other !== certificate && isIssuedBy(certificate, other));
    return issuer === undefined
      ? [certificateErrors.brokenChain(certificate.title, shortened(certificate.facts.issuer), next.title)]
      : [certificateErrors.chainOrder(certificate.title, issuer.title)];
  }
  return [];
}

function isSame(one: Certificate, other: Certificate): boolean {
  return one.facts.fingerprintSha256 === other.facts.fingerprintSha256;
}

function isIssuedBy(certificate: Certificate, issuer: Certificate): boolean {
  return (
    issuer.x509.ca &&
    certificate.x509.checkIssued(issuer.x509) &&
    certificate.x509.verify(issuer.x509.publicKey)
  );
}

const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
/**
 * The curves that TLS 1.3 allows (RFC 8446 §4.2.3). OpenSSL's clients and servers offer no others by default.
 */
const CURVES: ReadonlySet<string> = new Set(["prime256v1", "secp384r1", "secp521r1"]);
const KEY_TYPES: ReadonlySet<string> = new Set(["rsa", "rsa-pss", "ec", "ed25519", "ed448"]);

function leafProblems({ x509, title }: Certificate): MailSniError[] {
  const problems: MailSniError[] = [];
  // Node's name for the extended key usage. Without that extension every purpose is allowed (RFC 5280
  // §4.2.1.12).
  const purposes: readonly string[] | undefined = x509.keyUsage;
  if (purposes !== undefined && !purposes.includes(SERVER_AUTH))
    problems.push(certificateErrors.notForServers(title));
  if (!isAcceptedInHandshakes(x509)) problems.push(certificateErrors.unsupportedKey(title, keyOf(x509)));
  return problems;
}

/**
 * Whether the key can sign a handshake. OpenSSL loads a DSA key, or one on another curve, but cannot sign
 * with it.
 */
function isAcceptedInHandshakes({ publicKey }: X509Certificate): boolean {
  const { asymmetricKeyType: type = "", asymmetricKeyDetails: details } = publicKey;
  return KEY_TYPES.has(type) && (type !== "ec" || CURVES.has(details?.namedCurve ?? ""));
}

/**
 * Warns of an incomplete chain: the last certificate has a URL for its issuer, so clients need the issuer,
 * and most mail clients do not download it.
 */
function chainWarnings(certificates: readonly Certificate[]): MailSniError[] {
  const [leaf, ...chain] = certificates as [Certificate, ...Certificate[]];
  const namesIssuer = /^CA Issuers - /m.test(leaf.x509.infoAccess ?? "");
  const isAlone = chain.length === 0 && namesIssuer && !isSelfIssued(leaf);
  return [
    ...(isAlone ? [certificateErrors.noChain(leaf.facts.issuer)] : []),
    ...leafWarnings(leaf),
    ...certificates.flatMap(extensionWarnings),
  ];
}

function isSelfIssued({ facts }: Certificate): boolean {
  return facts.subject === facts.issuer;
}

function validityProblems({ leaf, chain }: FullChain, at: Date): MailSniError[] {
  return [leaf, ...chain].flatMap((facts, index) => {
    const title = titleOf(index + 1, chain.length + 1, facts);
    if (at < facts.notBefore) return [certificateErrors.notYetValid(title, facts.notBefore, at)];
    if (at > facts.notAfter) return [certificateErrors.expired(title, facts.notAfter, at)];
    return [];
  });
}

/** Warns of the certificate that expires first: the others usually expire too late to matter. */
function expiryWarnings(fullChain: FullChain, at: Date): MailSniError[] {
  const expiry = expiryOf(fullChain);
  return isSoon(expiry, at) ? [certificateErrors.expiresSoon(expiry.subject, expiry.notAfter, at)] : [];
}

function nameProblems(leaf: CertificateFacts, names: readonly HostName[]): MailSniError[] {
  const missing = names.filter((name) => !covers(leaf.dnsNames, name));
  return missing.length > 0 ? [certificateErrors.namesNotCovered(missing, leaf.dnsNames)] : [];
}
