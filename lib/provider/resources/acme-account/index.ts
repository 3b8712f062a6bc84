import type { KeyObject } from "node:crypto";
import type { AccountEntry } from "../../../shared/journal/entry";
import {
  closedAccount,
  deactivateAccount,
  isClosedAccount,
  type RegisteredAccount,
  type Registration,
  registerAccount,
  setContact,
} from "../../acme/account";
import type { AcmeDirectories } from "../../acme/directories";
import { AcmeFailure } from "../../acme/failure";
import { isAccountKey, JwsSigner } from "../../acme/jws";
import { refuseStopped } from "../../acme/timeouts";
import { validateLocalFile } from "../../adoption/file-path";
import { readLocalFile, shownPath, Unadoptable } from "../../adoption/local-file";
import { accountKeyIn } from "../../adoption/private-key";
import type { Hosts } from "../../host/hosts";
import type { Issuance } from "../../journal/issuance";
import type { Journal } from "../../journal/journal";
import { journaledKey, unusableKey } from "../../journal/journaled-key";
import { Journals } from "../../journal/journals";
import type { KeyPassphrases } from "../../keys/key-passphrases";
import { ACME } from "../../messages/acme";
import { Diagnostics } from "../../protocol/diagnostics";
import { defineResource } from "../../protocol/resource";
import { isUnknown, isWhollyKnown, UNKNOWN } from "../../protocol/values/unknown";
import { generateKey } from "../../x509/key-algorithm";
import { readAccountKey } from "../account-key";
import { directoryOf, isSameDirectory, validateDirectory } from "../acme-directory";
import { refuseEmptyTexts } from "../empty-text";
import { reportFailure } from "../error-reports";
import { validateStateId } from "../state-id";
import { plannedIssuerKey, stateKey } from "../state-key";
import { accountIdentity, importedAccount } from "./imported";
import { isRegistration, movedAccount } from "./moved";
import { type AccountAttributes, type AccountValues, attributes, type Config } from "./schema";

/** `mailsni_acme_account`. Depends on the provider's journal alone. */
export function acmeAccount(
  directories: AcmeDirectories,
  passphrases: KeyPassphrases,
  journals = new Journals(),
) {
  const crossOut = (hosts: Hosts, { key_thumbprint: account }: AccountValues) =>
    journals.of(hosts).crossOut({ account, fingerprint: null, publicKey: null });
  return defineResource<AccountAttributes, Hosts>({
    schema: {
      version: 0,
      description:
        "An account with an ACME CA (RFC 8555), with which `mailsni_acme_certificate` orders. It is created " +
        "once and found again by its key. Only another CA or another key creates another account.",
      attributes,
    },

    validate({ config, diagnostics }) {
      validateDirectory(config, diagnostics);
      validateStateId(config, diagnostics);
      validateContact(config.contact, diagnostics);
      refuseEmptyTexts(config, ["external_account_key_id", "external_account_hmac_key"], diagnostics);
      if (!hasLockedKey(config, passphrases)) ownKey(config, passphrases, diagnostics);
      validateLocalFile(config.adopt_key_file, "adopt_key_file", diagnostics);
      if (config.adopt_key_file !== null && config.account_key_pem !== null) {
        diagnostics.error(
          ACME.twoAccountKeys,
          "account_key_pem is your own key for good, adopt_key_file one that moves into the state. Write one of them.",
          ["account_key_pem"],
        );
      }
      const { external_account_key_id: id, external_account_hmac_key: secret } = config;
      if ((id === null) !== (secret === null)) {
        diagnostics.error(
          ACME.halfExternalAccount,
          "external_account_key_id and external_account_hmac_key belong together. Write both, or neither.",
          [id === null ? "external_account_key_id" : "external_account_hmac_key"],
        );
      }
      if (config.deactivate_on_destroy === true && config.account_key_pem !== null) {
        diagnostics.error(
          ACME.cannotCloseAccount,
          "With account_key_pem the key is not in the state, so it is not available when the resource is destroyed. Leave " +
            "deactivate_on_destroy out.",
          ["deactivate_on_destroy"],
        );
      }
    },

    async plan({ config, prior, planned, provider: hosts, diagnostics, requireReplacement }) {
      if (prior === null) return;
      await crossOut(hosts, prior);
      const isElsewhere =
        isUnknown(planned.directory_url) || !isSameDirectory(prior.directory_url, planned.directory_url);
      if (isElsewhere) {
        requireReplacement(["directory_url"]);
        Object.assign(planned, UNKNOWN_UNTIL_REGISTERED);
      }
      if (isUnknown(config.account_key_pem)) return;
      const madeHere = prior.private_key_pem;
      if (config.account_key_pem === null && madeHere !== null) {
        if (!isElsewhere)
          planned.private_key_pem = await plannedIssuerKey(madeHere, passphrases, diagnostics);
        return;
      }
      const isLocked = hasLockedKey(config, passphrases);
      // Assumed to be the same account: only the decrypted key can tell.
      if (isLocked && madeHere === null) return;
      const key = isLocked ? null : ownKey(config, passphrases, diagnostics);
      if (key !== null && madeHere === null && new JwsSigner(key).thumbprint === prior.key_thumbprint) return;
      Object.assign(planned, UNKNOWN_UNTIL_REGISTERED);
      requireReplacement(["key_thumbprint"]);
    },

    async create({ config, provider: hosts, diagnostics, signal }) {
      const own = ownKey(config, passphrases, diagnostics);
      if (diagnostics.hasErrors) return null;
      const adopted = own ?? (await adoptedKey(config, passphrases, diagnostics));
      const context = { directories, passphrases, journal: journals.of(hosts), diagnostics, signal };
      try {
        const { key, url, existed } =
          adopted === null
            ? await registerJournaled(config, context)
            : { key: adopted, ...(await register(config, adopted, directories)) };
        if (own === null && adopted !== null && !existed) warnOfNewAccount(config, diagnostics);
        const outputs = {
          url,
          adopted_url: adopted !== null && existed ? url : null,
          key_thumbprint: new JwsSigner(key).thumbprint,
          private_key_pem: own === null ? await passphrases.seal(key) : null,
        };
        return { state: { ...config, ...outputs } };
      } catch (error) {
        reportFailure(error, ACME.noAccount, diagnostics);
        return null;
      }
    },

    identity: accountIdentity,

    import: ({ identity, diagnostics }) => importedAccount(identity, directories, passphrases, diagnostics),

    move: ({ typeName, providerAddress, state, diagnostics }) =>
      isRegistration(typeName, providerAddress) ? movedAccount(state, passphrases, diagnostics) : null,

    async read({ prior, provider: hosts, diagnostics }) {
      await crossOut(hosts, prior);
      const closed = await whyClosed(prior, directories, passphrases);
      if (closed === null) return { state: prior };
      diagnostics.warning(
        ACME.accountClosedByCa,
        `${prior.url}: ${closed} The next apply creates another one, with a new key. Certificates stay valid, and are renewed from ` +
          "the new account. A CAA record with accounturi needs the new account's URL.",
      );
      return null;
    },

    async update({ config, prior, planned, diagnostics }) {
      const [before, after] = [contactUrls(prior.contact), contactUrls(config.contact)];
      try {
        if (before.join() !== after.join()) {
          const key =
            ownKey(config, passphrases, diagnostics) ??
            stateKey(prior.private_key_pem, passphrases, diagnostics);
          if (key === null) return null;
          await setContact(directoryOf(directories, config), key, String(prior.url), after);
        }
        const { url, adopted_url, key_thumbprint } = prior;
        const private_key_pem = planned.private_key_pem as string | null;
        return { state: { ...config, url, adopted_url, key_thumbprint, private_key_pem } };
      } catch (error) {
        reportFailure(error, ACME.contactNotChanged, diagnostics);
        return null;
      }
    },

    async delete({ prior, provider: hosts, diagnostics }) {
      await crossOut(hosts, prior);
      if (prior.deactivate_on_destroy !== true || prior.private_key_pem === null) return;
      const key = stateKey(prior.private_key_pem, passphrases, diagnostics);
      if (key === null) return;
      try {
        await deactivateAccount(directoryOf(directories, prior), key, String(prior.url));
      } catch (error) {
        reportFailure(error, ACME.accountNotClosed, diagnostics);
      }
    },
  });
}

function register(
  config: AccountValues,
  key: KeyObject,
  directories: AcmeDirectories,
): Promise<RegisteredAccount> {
  return registerAccount(directoryOf(directories, config), key, registration(config));
}

interface RegisterContext {
  readonly directories: AcmeDirectories;
  readonly passphrases: KeyPassphrases;
  readonly journal: Journal;
  readonly diagnostics: Diagnostics;
  readonly signal: AbortSignal;
}

/** Registers an account with a key of a run that was killed before its state was saved, or with a new one. @throws {AcmeFailure} */
async function registerJournaled(
  config: AccountValues,
  context: RegisterContext,
): Promise<RegisteredAccount & { readonly key: KeyObject }> {
  const { directories, passphrases, journal, diagnostics, signal } = context;
  const [directory, externalAccount] = [config.directory_url, config.external_account_key_id];
  const wanted = { ...journal.ownerOf(config.state_id), directory, externalAccount };
  const taken = await journal.takeAccount(wanted, diagnostics, signal);
  try {
    const key = taken === null ? await generateKey("ECDSA-P256") : keyOfEntry(taken, passphrases);
    if (taken === null) {
      const [account, sealedKey] = [new JwsSigner(key).thumbprint, await passphrases.seal(key)];
      // The next run may have read the journal meanwhile, and register another account.
      refuseStopped(signal, "an account was registered");
      const begun = { kind: "account" as const, ...wanted, account, key: sealedKey };
      await journal.begin<AccountEntry>(begun, diagnostics);
    }
    return { key, ...(await register(config, key, directories)) };
  } catch (error) {
    if (taken === null || !isClosedAccount(error)) throw error;
    await taken.abandon();
  }
  return registerJournaled(config, context);
}

/** The key of an entry. @throws {AcmeFailure} if it cannot be decrypted, or is not the key of the entry's account */
function keyOfEntry(issuance: Issuance<AccountEntry>, passphrases: KeyPassphrases): KeyObject {
  const key = journaledKey(issuance, passphrases);
  if (key !== null && isAccountKey(key) && new JwsSigner(key).thumbprint === issuance.entry.account)
    return key;
  const { message, remedy } = unusableKey(issuance.place, "the account");
  throw new AcmeFailure(message, remedy);
}

/**
 * Why the account is closed; null if it is not, or if that cannot be determined: the state does not contain a
 * user's own key.
 */
async function whyClosed(
  { private_key_pem: pem, url, ...config }: AccountValues,
  directories: AcmeDirectories,
  passphrases: KeyPassphrases,
): Promise<string | null> {
  if (pem === null || url === null || passphrases.isLocked(pem)) return null;
  const key = stateKey(pem, passphrases, new Diagnostics());
  return key && closedAccount(directoryOf(directories, config), key, url);
}

const UNKNOWN_UNTIL_REGISTERED = {
  url: UNKNOWN,
  adopted_url: UNKNOWN,
  key_thumbprint: UNKNOWN,
  private_key_pem: UNKNOWN,
} as const;

/** The key of `adopt_key_file`. Null if there is none, or, after a warning, if it cannot be used. */
async function adoptedKey(
  { adopt_key_file: path }: AccountValues,
  passphrases: KeyPassphrases,
  diagnostics: Diagnostics,
): Promise<KeyObject | null> {
  if (path === null) return null;
  try {
    return accountKeyIn(await readLocalFile(path, { isSecret: true }), path, passphrases);
  } catch (error) {
    if (!(error instanceof Unadoptable)) throw error;
    diagnostics.warning(ACME.accountNotAdopted, `${error.message} A new account is created instead.`, [
      "directory_url",
    ]);
    return null;
  }
}

function warnOfNewAccount(
  { adopt_key_file: path, directory_url: url }: AccountValues,
  diagnostics: Diagnostics,
): void {
  diagnostics.warning(
    ACME.accountNotAdopted,
    `The CA ${url} had no account for the key in ${shownPath(String(path))}. It has one now. Check that the key is of this CA.`,
    ["directory_url"],
  );
}

type WithOwnKey = Pick<Config, "account_key_pem">;

function ownKey(
  { account_key_pem: pem }: WithOwnKey,
  passphrases: KeyPassphrases,
  diagnostics: Diagnostics,
): KeyObject | null {
  return typeof pem === "string" ? readAccountKey(pem, passphrases, ["account_key_pem"], diagnostics) : null;
}

function hasLockedKey({ account_key_pem: pem }: WithOwnKey, passphrases: KeyPassphrases): boolean {
  return typeof pem === "string" && passphrases.isLocked(pem);
}

function validateContact(contact: Config["contact"], diagnostics: Diagnostics): void {
  if (contact === null || isUnknown(contact) || !isWhollyKnown<string[]>(contact)) return;
  for (const [index, address] of contact.entries()) {
    if (/^[^\s@,?]+@[^\s@,?]+$/.test(address) && !address.startsWith("mailto:")) continue;
    diagnostics.error(
      ACME.notEmail,
      `${JSON.stringify(address)} is not an e-mail address. Write it without "mailto:", such as "hostmaster@example.org".`,
      ["contact", index],
    );
  }
}

function contactUrls(contact: readonly string[] | null): readonly string[] {
  return (contact ?? []).map((address) => `mailto:${address}`);
}

function registration(config: AccountValues): Registration {
  const { external_account_key_id: keyId, external_account_hmac_key: hmacKey } = config;
  return {
    contact: contactUrls(config.contact),
    termsOfServiceAgreed: config.terms_of_service_agreed,
    externalAccount: keyId !== null && hmacKey !== null ? { keyId, hmacKey } : null,
  };
}
