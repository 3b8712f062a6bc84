import { createHash, createPrivateKey, type KeyObject } from "node:crypto";
import { isEncryptedKey } from "../../shared/encrypted-key";
import { certificateErrors, type MailSniError } from "../../shared/errors";
import { ENVIRONMENT } from "../messages/configuration";
import type { Diagnostics } from "../protocol/diagnostics";
import { privateKeyPem } from "../x509/key-algorithm";
import { encryptedKeyInput } from "./encrypted-key-input";
import { encryptedKeyPem } from "./pbes2";

/** What private keys of the state are encrypted with from now on. */
export const PASSPHRASE_VARIABLE = "MAIL_SNI_KEY_PASSPHRASE";
/** What they were encrypted with before. */
const FORMER_PASSPHRASE_VARIABLE = "MAIL_SNI_KEY_PASSPHRASE_OLD";
/** What keys are opened with that a user gives. It encrypts nothing, so that a slip in it changes nothing. */
export const OWN_PASSPHRASE_VARIABLE = "MAIL_SNI_OWN_KEY_PASSPHRASE";

const SHORTEST = 16;
/** What the programs of OpenSSL read of one. */
const LONGEST = 1023;

/**
 * The passphrases of private keys: encrypts those that are kept in the state, and opens them where they are used. Without a
 * passphrase all is left as it is.
 */
export class KeyPassphrases {
  /**
   * Takes them out of the environment, so that no program that the provider runs inherits them: `ssh`, a DNS hook, the commands
   * of a host.
   */
  static takenFrom(environment: NodeJS.ProcessEnv): KeyPassphrases {
    // What is not set in a CI system is often there, and empty.
    const variables = [PASSPHRASE_VARIABLE, FORMER_PASSPHRASE_VARIABLE, OWN_PASSPHRASE_VARIABLE];
    const taken = variables.map((name) => {
      const value = environment[name] || null;
      delete environment[name];
      return value;
    });
    return new KeyPassphrases(...taken);
  }

  readonly #opened = new OpenedKeys();
  readonly #current: string | null;
  readonly #former: string | null;
  readonly #own: string | null;
  /** The current passphrase has opened a key of the state. */
  #isProven = false;

  constructor(current: string | null = null, former: string | null = null, own: string | null = null) {
    this.#current = current;
    this.#former = former;
    this.#own = own;
  }

  /** Whether there is one at all. */
  get areGiven(): boolean {
    return this.areGivenForState || this.#own !== null;
  }

  /** Whether there is one that keys of the state may be encrypted with. */
  get areGivenForState(): boolean {
    return this.#current !== null || this.#former !== null;
  }

  /** Whether nothing can be said of a key, since it is encrypted and there is no passphrase: as in the plan of a pull request. */
  isLocked(pem: string): boolean {
    return isEncryptedKey(pem) && !this.areGiven;
  }

  /** Refuses a passphrase that could be guessed, or that was not meant like that. */
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
        `${LONGEST} bytes that nobody can guess, such as what "openssl rand -base64 32" prints. If keys are encrypted with ` +
        `it already, set ${FORMER_PASSPHRASE_VARIABLE} to it for one apply.`,
    );
  }

  /** A new key as the state is to have it: PKCS #8, PEM, encrypted where there is a passphrase. */
  async seal(key: KeyObject): Promise<string> {
    const plain = privateKeyPem(key);
    if (this.#current === null) return plain;
    const sealed = await encryptedKeyPem(key, this.#current);
    this.#opened.remember(sealed, plain);
    return sealed;
  }

  /**
   * A key of the state as the state is to have it. Without a former passphrase one that is encrypted is left as it is. The
   * current passphrase has to open one such key all the same: new keys would be encrypted with a slip otherwise. It is not asked
   * to open each, since that takes time on purpose.
   *
   * @throws MailSniError `KEY_PASSPHRASE_WRONG` where neither passphrase opens it, `KEY_UNREADABLE`, `KEY_DERIVATION_COSTLY`
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
   * A private key, of the state or of a user: PKCS #8, PEM, not encrypted. One that was never encrypted is returned as it is.
   *
   * @throws MailSniError `KEY_ENCRYPTED` without a passphrase, `KEY_PASSPHRASE_WRONG` with another one, `KEY_UNREADABLE`,
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
      // OpenSSL's words are those of its insides, and a wrong passphrase looks like damaged contents.
      return null;
    }
  }
}

/** Opening takes time on purpose, and one apply asks for the same key several times. */
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
