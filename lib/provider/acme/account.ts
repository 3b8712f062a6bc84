import type { KeyObject } from "node:crypto";
import { KeyedMutex } from "../../shared/mutex";
import { AcmeClient } from "./client";
import type { Directory } from "./directory";
import { type AccountDocument, parseAccount, parseLocation } from "./documents";
import { problemIn } from "./error-answer";
import { explain, isClosed } from "./explanation";
import { AcmeFailure } from "./failure";
import { FirstOrders } from "./first-orders";
import { type ExternalAccount, JwsSigner } from "./jws";

export interface Registration {
  /** URLs, `mailto:…`. */
  readonly contact: readonly string[];
  readonly termsOfServiceAgreed: boolean;
  readonly externalAccount: ExternalAccount | null;
}

/**
 * Registers an account for a key. If the key already has one, updates its contact.
 *
 * @throws {AcmeFailure}
 */
export async function registerAccount(
  directory: Directory,
  key: KeyObject,
  { contact, termsOfServiceAgreed, externalAccount }: Registration,
): Promise<RegisteredAccount> {
  const client = new AcmeClient(directory, new JwsSigner(key));
  const { newAccount } = await directory.document();
  const binding = externalAccount && client.signer.bind(newAccount, externalAccount);
  const wanted = {
    termsOfServiceAgreed,
    ...(contact.length > 0 && { contact }),
    ...(binding && { externalAccountBinding: binding }),
  };
  const reply = await client.post(newAccount, wanted, null).catch((error: unknown) => {
    throw binding ? aboutBinding(error) : error;
  });
  const url = parseLocation(newAccount, reply);
  const existed = reply.status === 200;
  if (existed) await bringUpToDate(client, url, parseAccount(newAccount, reply), contact);
  return { url, existed };
}

export interface RegisteredAccount {
  readonly url: string;
  /** Whether the CA had it before. */
  readonly existed: boolean;
}

/** The URL of the account that the CA has for a key; null if it has none. @throws {AcmeFailure} */
export async function findAccount(directory: Directory, key: KeyObject): Promise<string | null> {
  const client = new AcmeClient(directory, new JwsSigner(key));
  const { newAccount } = await directory.document();
  try {
    return parseLocation(newAccount, await client.post(newAccount, { onlyReturnExisting: true }, null));
  } catch (error) {
    if (error instanceof AcmeFailure && error.problem?.kind === "accountDoesNotExist") return null;
    throw error;
  }
}

/** @throws {AcmeFailure} */
export async function setContact(
  directory: Directory,
  key: KeyObject,
  url: string,
  contact: readonly string[],
): Promise<void> {
  await new AcmeClient(directory, new JwsSigner(key)).post(url, { contact }, url);
}

/**
 * Why the account can no longer order. Null if it can, or if the CA could not be asked: a plan does not
 * depend on the answer.
 *
 * @returns the reason, as a sentence
 */
export async function closedAccount(
  directory: Directory,
  key: KeyObject,
  url: string,
): Promise<string | null> {
  const signer = new JwsSigner(key);
  try {
    for (let count = 1; count <= MOST_NONCES; count++) {
      const reply = await directory.postSoon(url, (nonce) => signer.sign({ url, nonce, kid: url }, null));
      if (reply.status < 400) {
        const { status } = parseAccount(url, reply);
        return status === "valid" ? null : `The CA says that the account is ${status}.`;
      }
      const problem = problemIn(reply);
      if (problem.kind !== "badNonce") return isClosed(problem) ? explain(problem).message : null;
    }
  } catch (error) {
    if (!(error instanceof AcmeFailure)) throw error;
  }
  return null;
}

const MOST_NONCES = 5;

/** Deactivates the account. This cannot be undone. @throws {AcmeFailure} */
export async function deactivateAccount(directory: Directory, key: KeyObject, url: string): Promise<void> {
  await new AcmeClient(directory, new JwsSigner(key)).post(url, { status: "deactivated" }, url);
}

/** The CA has closed the account of a key for good. */
class AccountClosed extends AcmeFailure {}

/** Whether an account was not registered because the CA has closed the account of its key for good. */
export function isClosedAccount(error: unknown): boolean {
  if (error instanceof AccountClosed) return true;
  return error instanceof AcmeFailure && error.problem !== undefined && isClosed(error.problem);
}

/** Adds which attributes to check: for a wrong external key CAs say only "unauthorized" or "malformed". */
function aboutBinding(error: unknown): unknown {
  if (!(error instanceof AcmeFailure) || !["unauthorized", "malformed"].includes(error.problem?.kind ?? "")) {
    return error;
  }
  return new AcmeFailure(
    `The CA does not accept the external account ("${error.problem?.detail}").`,
    "Check external_account_key_id and external_account_hmac_key (base64url, as the CA shows it): some CAs accept a pair only once.",
    error.problem,
  );
}

async function bringUpToDate(
  client: AcmeClient,
  url: string,
  found: AccountDocument,
  contact: readonly string[],
): Promise<void> {
  if (found.status !== "valid") {
    throw new AccountClosed(
      `The CA has the account ${url} for this key, and it is ${found.status}.`,
      "Use another account key: such an account stays closed.",
    );
  }
  // CAs that store no contacts, such as Let's Encrypt, return none.
  if (found.contact !== undefined && found.contact.join() !== contact.join()) {
    await client.post(url, { contact }, url);
  }
}

/** An account at a CA, with the state that its orders share. */
export class AcmeAccount {
  readonly signer: JwsSigner;
  /** One order at a time validates a name. Orders that wait for it find the name validated. */
  readonly nameMutex = new KeyedMutex();
  /** Limits first-time certificates; renewals are not counted. */
  readonly firstOrders = new FirstOrders();

  constructor(
    readonly directory: Directory,
    readonly url: string,
    key: KeyObject,
  ) {
    this.signer = new JwsSigner(key);
  }

  client(signal?: AbortSignal): AcmeClient {
    return new AcmeClient(this.directory, this.signer, signal);
  }
}
