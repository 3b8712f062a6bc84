import type { createPrivateKey } from "node:crypto";
import {
  DER_INTEGER,
  DER_OCTET_STRING,
  DER_SEQUENCE,
  type DerValue,
  derContents,
  derIdentifier,
  derValues,
} from "../../shared/der";
import { certificateErrors, type MailSniError } from "../../shared/errors";
import { parsePem } from "../../shared/pem";

/** Input for `createPrivateKey`, without the passphrase. */
type KeyInput = Exclude<Parameters<typeof createPrivateKey>[0], string | Buffer>;

const ENCRYPTED_PKCS8 = "ENCRYPTED PRIVATE KEY";

/**
 * An encrypted private key as input for OpenSSL. The key itself states the cost of decrypting it: up to 2^31
 * rounds, which would block the provider for hours. So the cost is checked first. OpenSSL then gets the bytes
 * that were checked and not the text, which it may decode differently. Keys in OpenSSL's old format (RFC
 * 1421) state no cost.
 *
 * @throws MailSniError `KEY_UNREADABLE`, `KEY_DERIVATION_COSTLY`
 */
export function encryptedKeyInput(pem: string): KeyInput {
  const block = parsePem(pem).blocks.find(({ label }) => label.endsWith("PRIVATE KEY"));
  if (block === undefined) throw certificateErrors.unreadableKey(ENCRYPTED_PKCS8);
  if (block.label !== ENCRYPTED_PKCS8) return { key: block.text, format: "pem" };
  const der = Buffer.from(block.text.replace(/-----[^-]+-----/g, ""), "base64");
  const problem = derivationProblem(der);
  if (problem !== null) throw problem;
  return { key: der, format: "der", type: "pkcs8" };
}

/** Sixteen times the highest default of common tools (600,000); about 5 s. */
const MOST_ROUNDS = 10_000_000;
/** N · r · p: 64 times OpenSSL's default; about 3 s. */
const MOST_SCRYPT_COST = 8_388_608;

function derivationProblem(der: Buffer): MailSniError | null {
  try {
    const [cost, unit, most] = derivationCost(der);
    return cost > most ? certificateErrors.costlyDerivation(`${cost} ${unit}`, most) : null;
  } catch (error) {
    // Other algorithms and invalid DER are refused, because their cost is unknown.
    if (error instanceof RangeError) return certificateErrors.unreadableKey(ENCRYPTED_PKCS8);
    throw error;
  }
}

const PBES2 = "1.2.840.113549.1.5.13";
const PBKDF2 = "1.2.840.113549.1.5.12";
const SCRYPT = "1.3.6.1.4.1.11591.4.11";
/**
 * PBES1 (RFC 8018 §6.1) and the algorithms of PKCS #12 (RFC 7292, appendix C): their parameters are a salt
 * and the rounds.
 */
const OLDER = /^1\.2\.840\.113549\.1\.(5\.\d+|12\.1\.\d+)$/;

/** @throws RangeError if it is not an EncryptedPrivateKeyInfo (RFC 5958 §3), or has another algorithm */
function derivationCost(der: Buffer): [cost: bigint, unit: string, most: number] {
  const [algorithm] = sequence(derValues(der)[0]);
  const scheme = identified(algorithm);
  const { id, parameters } = scheme.id === PBES2 ? identified(sequence(scheme.parameters)[0]) : scheme;
  const [salt, ...numbers] = sequence(parameters);
  if (salt?.tag !== DER_OCTET_STRING) throw new RangeError("a salt was expected");
  if (id === SCRYPT && scheme.id === PBES2) {
    const [n, r, p] = [0, 1, 2].map((index) => positive(numbers[index])) as [bigint, bigint, bigint];
    return [n * r * p, "units of scrypt's work (N · r · p)", MOST_SCRYPT_COST];
  }
  if (scheme.id === PBES2 ? id !== PBKDF2 : !OLDER.test(id)) throw new RangeError("another algorithm");
  return [positive(numbers[0]), "rounds of key derivation", MOST_ROUNDS];
}

function identified(value: DerValue | undefined): { readonly id: string; readonly parameters?: DerValue } {
  const [id, parameters] = sequence(value);
  return { id: derIdentifier(id), ...(parameters !== undefined && { parameters }) };
}

function sequence(value: DerValue | undefined): DerValue[] {
  return derValues(derContents(value, DER_SEQUENCE));
}

/** OpenSSL accepts numbers of at most eight bytes here. */
function positive(value: DerValue | undefined): bigint {
  const { tag, contents } = value ?? {};
  const isNumber =
    tag === DER_INTEGER && contents !== undefined && contents.length > 0 && contents.length <= 9;
  if (!isNumber || (contents[0] as number) >= 0x80) throw new RangeError("a positive number was expected");
  return BigInt(`0x${contents.toString("hex")}`);
}
