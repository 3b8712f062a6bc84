import {
  createHash,
  createHmac,
  createPrivateKey,
  type KeyObject,
  pbkdf2Sync,
  timingSafeEqual,
} from "node:crypto";
import { isEncryptedKey } from "../../shared/encrypted-key";
import { certificateErrors, type MailSniError } from "../../shared/errors";
import { madeOnce } from "../../shared/made-once";
import { ENVIRONMENT } from "../messages/configuration";
import type { Diagnostics } from "../protocol/diagnostics";
import { privateKeyPem } from "../x509/key-algorithm";
import { encryptedKeyInput } from "./encrypted-key-input";
import { encryptedKeyPem } from "./pbes2";

/** The passphrase that private keys in the state are encrypted with. */
export const PASSPHRASE_VARIABLE = "MAIL_SNI_KEY_PASSPHRASE";
/** The previous passphrase, for a change of it. */
const FORMER_PASSPHRASE_VARIABLE = "MAIL_SNI_KEY_PASSPHRASE_OLD";
/** The passphrase that decrypts keys given by the user. It encrypts nothing, so a wrong one changes nothing. */
export const OWN_PASSPHRASE_VARIABLE = "MAIL_SNI_OWN_KEY_PASSPHRASE";

const SHORTEST = 16;
/** The longest passphrase that OpenSSL's programs read, in bytes. */
const LONGEST = 1023;

/** Encrypts private keys for the state, and decrypts them for use. Without a passphrase keys stay as they are. */
export class KeyPassphrases {
  /**
   * Reads the passphrases from the environment and deletes them there, so that no program that the provider
   * runs inherits them: `ssh`, DNS hooks, commands on a host.
   */
  static takenFrom(environment: NodeJS.ProcessEnv): KeyPassphrases {
    // CI systems often set an unset variable to an empty string.
    const variables = [PASSPHRASE_VARIABLE, FORMER_PASSPHRASE_VARIABLE, OWN_PASSPHRASE_VARIABLE];
    const taken = variables.map((name) => {
      const value = environment[name] || null;
      delete environment[name];
      return value;
    });
    return new KeyPassphrases(...taken);
  }

  readonly #opened = new OpenedKeys();
  readonly #authenticationKeys = new Map<string, Buffer>();
  readonly #current: string | null;
  readonly #former: string | null;
  readonly #own: string | null;
  /** Whether the current passphrase has decrypted a key of the state. */
  #isProven = false;

  constructor(current: string | null = null, former: string | null = null, own: string | null = null) {
    this.#current = current;
    this.#former = former;
    this.#own = own;
  }

  /** Whether there is any passphrase. */
  get areGiven(): boolean {
    return this.areGivenForState || this.#own !== null;
  }

  /** Whether there is a passphrase for keys of the state. */
  get areGivenForState(): boolean {
    return this.#current !== null || this.#former !== null;
  }

  /** Whether a key is encrypted and there is no passphrase, as in the plan of a pull request. */
  isLocked(pem: string): boolean {
    return isEncryptedKey(pem) && !this.areGiven;
  }

  /** Refuses a passphrase that is too short, too long, or has control characters. */
  validate(diagnostics: Diagnostics): void {
    const passphrase = this.#current;
    if (passphrase === null) return;
    const bytes = Buffer.byteLength(passphrase);
    const problem = /\p{Cc}/u.test(passphrase)
      ? "holds a line break or another control character"
      : bytes < SHORTEST || bytes > LONGEST
        ? `has ${bytes} bytes`
        : undefined;
    if (problem === undefined) return;
    diagnostics.error(
      ENVIRONMENT.notPassphrase,
      `The value of the environment variable ${PASSPHRASE_VARIABLE} ${problem}. Set it to one line of ${SHORTEST} to ` +
        `${LONGEST} random bytes, such as what "openssl rand -base64 32" prints. If keys are encrypted with ` +
        `it already, set ${FORMER_PASSPHRASE_VARIABLE} to it for one apply.`,
    );
  }

  /** A new key for the state: PKCS #8, PEM, encrypted if there is a passphrase. */
  async seal(key: KeyObject): Promise<string> {
    const plain = privateKeyPem(key);
    if (this.#current === null) return plain;
    const sealed = await encryptedKeyPem(key, this.#current);
    this.#opened.remember(sealed, plain);
    return sealed;
  }

  /**
   * A key of the state, encrypted with the current passphrase. Without a former passphrase a key that is
   * already encrypted stays as it is. The current passphrase must decrypt one such key all the same, or a
   * mistyped one would encrypt new keys. It does not decrypt all of them, because decryption is slow by
   * design.
   *
   * @throws MailSniError `KEY_PASSPHRASE_WRONG` if neither passphrase decrypts it, `KEY_UNREADABLE`,
   *   `KEY_DERIVATION_COSTLY`
   */
  async reseal(pem: string): Promise<string> {
    if (!isEncryptedKey(pem)) return this.#current === null ? pem : this.seal(createPrivateKey(pem));
    if (this.#former === null) {
      if (this.#current === null || this.#isProven) return pem;
      if (this.#tryOpen(pem, this.#current) === null) throw this.#wrong();
      this.#isProven = true;
      return pem;
    }
    const opened = this.#tryOpen(pem, this.#former);
    if (opened !== null) return this.seal(createPrivateKey(opened));
    if (this.#current !== null && this.#tryOpen(pem, this.#current) !== null) return pem;
    throw this.#wrong();
  }

  /**
   * Decrypts a private key of the state or of the user, to PKCS #8, PEM. A key that is not encrypted is returned as it is.
   *
   * @throws MailSniError `KEY_ENCRYPTED` without a passphrase, `KEY_PASSPHRASE_WRONG` with a wrong one, `KEY_UNREADABLE`,
   *   `KEY_DERIVATION_COSTLY`
   */
  open(pem: string): string {
    if (!isEncryptedKey(pem)) return pem;
    const known = this.#opened.find(pem);
    if (known !== null) return known;
    if (!this.areGiven) throw certificateErrors.encryptedKey();
    for (const passphrase of [this.#current, this.#former, this.#own]) {
      const opened = passphrase === null ? null : this.#tryOpen(pem, passphrase);
      if (opened !== null) return opened;
    }
    throw this.#wrong();
  }

  /** Authenticates a text by the current passphrase: hex. Null without one. */
  authenticationCode(text: string): string | null {
    return this.#current === null ? null : codeOf(text, this.#authenticationKey(this.#current));
  }

  /** Whether a text was authenticated by a passphrase for the state. */
  isAuthentic(text: string, code: string): boolean {
    return [this.#current, this.#former].some(
      (passphrase) => passphrase !== null && isSame(codeOf(text, this.#authenticationKey(passphrase)), code),
    );
  }

  #authenticationKey(passphrase: string): Buffer {
    return madeOnce(this.#authenticationKeys, passphrase, () =>
      pbkdf2Sync(passphrase, "cdktf-mail-sni issuance journal", ROUNDS, 32, "sha256"),
    );
  }

  #wrong(): MailSniError {
    const given = [
      ...(this.#current === null ? [] : [PASSPHRASE_VARIABLE]),
      ...(this.#former === null ? [] : [FORMER_PASSPHRASE_VARIABLE]),
      ...(this.#own === null ? [] : [OWN_PASSPHRASE_VARIABLE]),
    ];
    return certificateErrors.wrongPassphrase(given);
  }

  #tryOpen(pem: string, passphrase: string): string | null {
    const input = encryptedKeyInput(pem);
    try {
      const opened = privateKeyPem(createPrivateKey({ ...input, passphrase }));
      this.#opened.remember(pem, opened);
      return opened;
    } catch {
      // OpenSSL's error is not reported: it reads the same for a wrong passphrase and for damaged contents.
      return null;
    }
  }
}

/** As for the encryption of keys: the passphrase is random. */
const ROUNDS = 20_000;

function codeOf(text: string, key: Buffer): string {
  return createHmac("sha256", key).update(text).digest("hex");
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Caches decrypted keys: decryption is slow by design, and one apply needs the same key several times. */
class OpenedKeys {
  readonly #byHash = new Map<string, string>();

  find(encrypted: string): string | null {
    return this.#byHash.get(hashOf(encrypted)) ?? null;
  }

  remember(encrypted: string, plain: string): void {
    if (this.#byHash.size >= MOST_REMEMBERED) this.#byHash.clear();
    this.#byHash.set(hashOf(encrypted), plain);
  }
}

const MOST_REMEMBERED = 4096;

function hashOf(encrypted: string): string {
  return createHash("sha256").update(encrypted.trim()).digest("base64");
}
