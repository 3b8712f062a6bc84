import type { KeyObject } from "node:crypto";
import { type CertificateFacts, hasDates } from "../../shared/certificate-facts";
import { MailSniError } from "../../shared/errors";
import { type CertificateName, parseCertificateName } from "../../shared/host-name";
import { parsedCertificate } from "../../shared/parsed-pems";
import { parsePem } from "../../shared/pem";
import type { KeyPassphrases } from "../keys/key-passphrases";
import { type KeyAlgorithm, keyAlgorithmOf } from "../x509/key-algorithm";
import { readLocalFile, shownPath, Unadoptable } from "./local-file";
import { privateKeyIn } from "./private-key";

/** A certificate with its chain and its key, which belongs to it. Whether a server can present it is not checked. */
export interface CertificatePair {
  readonly leaf: CertificateFacts;
  readonly chain: readonly string[];
  /** The names of the leaf. */
  readonly names: readonly CertificateName[];
  readonly key: KeyObject;
  readonly algorithm: KeyAlgorithm;
}

/** Files of the machine that deploys. */
export interface PairFiles {
  readonly certificate: string;
  readonly key: string;
}

/** @throws {Unadoptable} */
export async function readPair(files: PairFiles, passphrases: KeyPassphrases): Promise<CertificatePair> {
  const certificates = await readLocalFile(files.certificate, { isSecret: false });
  const key = await readLocalFile(files.key, { isSecret: true });
  return pairOf(
    { certificates, certificate: shownPath(files.certificate), key, keyPlace: shownPath(files.key) },
    passphrases,
  );
}

/** The names of the certificate in a file, whatever its key. @throws {Unadoptable} */
export async function readNames(certificate: string): Promise<readonly string[]> {
  const texts = await readLocalFile(certificate, { isSecret: false });
  const leaf = parsePem(texts).blocks.find(({ label }) => label === "CERTIFICATE");
  try {
    if (leaf !== undefined) return parsedCertificate(leaf.text).facts.dnsNames;
  } catch {
    // As without a certificate.
  }
  throw new Unadoptable(`${shownPath(certificate)} contains no certificate that can be read.`);
}

/** The texts of a pair, and what messages call them. */
export interface PairTexts {
  readonly certificates: string;
  readonly certificate: string;
  readonly key: string;
  readonly keyPlace: string;
}

/** @throws {Unadoptable} */
export function pairOf(texts: PairTexts, passphrases: KeyPassphrases): CertificatePair {
  const [first, ...chain] = parsePem(texts.certificates).blocks.filter(
    ({ label }) => label === "CERTIFICATE",
  );
  if (first === undefined) throw new Unadoptable(`${texts.certificate} contains no certificate (PEM).`);
  const key = privateKeyIn(texts.key, texts.keyPlace, passphrases);
  const algorithm = keyAlgorithmOf(key);
  if (algorithm === null)
    throw new Unadoptable(`The key in ${texts.keyPlace} is of a type that is not supported.`);
  const leaf = leafOf(first.text, texts.certificate, key);
  return {
    leaf,
    chain: chain.map(({ text }) => text),
    names: namesOf(leaf, texts.certificate),
    key,
    algorithm,
  };
}

function leafOf(pem: string, place: string, key: KeyObject): CertificateFacts {
  const [leaf, belongs] = read(pem, key) ?? [];
  if (leaf === undefined || !hasDates(leaf))
    throw new Unadoptable(`The certificate in ${place} cannot be read.`);
  if (!belongs) throw new Unadoptable(`The private key does not belong to the certificate in ${place}.`);
  return leaf;
}

function read(pem: string, key: KeyObject): [CertificateFacts, boolean] | null {
  try {
    const { x509, facts } = parsedCertificate(pem);
    return [facts, x509.checkPrivateKey(key)];
  } catch {
    return null;
  }
}

function namesOf({ dnsNames }: CertificateFacts, place: string): readonly CertificateName[] {
  try {
    if (dnsNames.length > 0) return dnsNames.map(parseCertificateName);
  } catch (error) {
    if (!(error instanceof MailSniError)) throw error;
    throw new Unadoptable(`${place}: ${error.message}`);
  }
  throw new Unadoptable(`The certificate in ${place} is for no host name.`);
}
