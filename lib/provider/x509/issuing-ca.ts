import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { certificateFacts, hasDates } from "../../shared/certificate-facts";
import { certificateErrors, type MailSniError, privateCaErrors } from "../../shared/errors";
import { type PemBlock, parsePem } from "../../shared/pem";
import { signingOf } from "./key-algorithm";

/** A CA certificate from the configuration. */
export interface CaCertificate {
  readonly x509: X509Certificate;
  /** The PEM block of the certificate alone, ended by one newline. */
  readonly pem: string;
}

/** A value, or the problem that prevents it. */
export type Result<T> =
  | { readonly value: T; readonly problem?: undefined }
  | { readonly problem: MailSniError; readonly value?: undefined };

export function readCaCertificate(text: string): Result<CaCertificate> {
  return remembered(certificates, text, () => parseCaCertificate(text));
}

/**
 * @param text of a key that is not encrypted
 * @param certificate that the key must match @default the key alone is checked
 */
export function readCaKey(text: string, certificate?: CaCertificate): Result<KeyObject> {
  return remembered(keys, `${certificate?.pem ?? ""}${text}`, () => parseCaKey(text, certificate));
}

/** Cached: one CA usually issues all certificates of a stack, and each reads it several times. */
const certificates = new Map<string, Result<CaCertificate>>();
const keys = new Map<string, Result<KeyObject>>();
const MOST_REMEMBERED = 16;

function remembered<T>(known: Map<string, T>, text: string, parse: () => T): T {
  let result = known.get(text);
  if (result === undefined) {
    if (known.size >= MOST_REMEMBERED) known.clear();
    result = parse();
    known.set(text, result);
  }
  return result;
}

function parseCaCertificate(text: string): Result<CaCertificate> {
  const block = onlyBlock(text);
  if (block.problem) return block;
  if (block.value.label !== "CERTIFICATE") return { problem: certificateErrors.noCertificate() };
  try {
    const x509 = new X509Certificate(block.value.text);
    if (!x509.ca) return { problem: privateCaErrors.notACa(x509.subject?.replaceAll("\n", ", ") ?? "") };
    const facts = certificateFacts(x509, block.value.text);
    if (!hasDates(facts)) return { problem: certificateErrors.unreadableDates(facts.subject) };
    return { value: { x509, pem: block.value.text } };
  } catch {
    return { problem: certificateErrors.unreadableCertificate(1, 1) };
  }
}

function parseCaKey(text: string, certificate: CaCertificate | undefined): Result<KeyObject> {
  const block = onlyBlock(text);
  if (block.problem) return block;
  const { label, text: pem } = block.value;
  if (!label.endsWith("PRIVATE KEY")) return { problem: certificateErrors.noKey() };
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    return { problem: certificateErrors.unreadableKey(label) };
  }
  if (signingOf(key) === null) return { problem: privateCaErrors.keyType(String(key.asymmetricKeyType)) };
  if (certificate !== undefined && !certificate.x509.checkPrivateKey(key)) {
    return { problem: privateCaErrors.keyMismatch() };
  }
  return { value: key };
}

/** The only block of a PEM. A missing final newline is accepted. */
function onlyBlock(text: string): Result<PemBlock> {
  const { blocks, problems } = parsePem(text);
  const problem = problems.find(({ code }) => code !== "PEM_NO_FINAL_NEWLINE");
  if (problem !== undefined) return { problem };
  const [block, ...others] = blocks.filter(({ label }) => !label.endsWith(" PARAMETERS"));
  if (block === undefined || others.length > 0) return { problem: privateCaErrors.notOneBlock() };
  return { value: block };
}
