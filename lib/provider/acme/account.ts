import type { KeyObject } from "node:crypto";
import { AcmeClient, problemIn } from "./client";
import type { Directory } from "./directory";
import { type AccountDocument, parseAccount, parseLocation } from "./documents";
import { explain, isClosed } from "./explanation";
import { AcmeFailure } from "./failure";
import { FirstOrders } from "./first-orders";
import { type ExternalAccount, JwsSigner } from "./jws";
import { KeyedMutex } from "./keyed-mutex";

export interface Registration {
  /** URLs, `mailto:…`. */
  readonly contact: readonly string[];
  readonly termsOfServiceAgreed: boolean;
  readonly externalAccount: ExternalAccount | null;
}

/**
 * Makes the account of a key, or finds the one that it has already, whose contact is then brought up to date.
 *
 * @returns its URL
 * @throws {AcmeFailure}
 */
export async function registerAccount(
  directory: Directory,
  key: KeyObject,
  { contact, termsOfServiceAgreed, externalAccount }: Registration,
): Promise<string> {
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
  if (reply.status === 200) await bringUpToDate(client, url, parseAccount(newAccount, reply), contact);
  return url;
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
 * Whether the account is good for orders; null where the CA does not say, for whatever reason: a plan can do without.
 *
 * @returns why not, as a sentence
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

/** No more can be ordered with it, ever. @throws {AcmeFailure} */
export async function deactivateAccount(directory: Directory, key: KeyObject, url: string): Promise<void> {
  await new AcmeClient(directory, new JwsSigner(key)).post(url, { status: "deactivated" }, url);
}

/** CAs say of a wrong key only that something is not authorised. */
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
    throw new AcmeFailure(
      `The CA has the account ${url} for this key, and it is ${found.status}.`,
      "Use another account key: such an account stays closed.",
    );
  }
  // CAs that keep no contacts, as Let's Encrypt, do not return them either.
  if (found.contact !== undefined && found.contact.join() !== contact.join()) {
    await client.post(url, { contact }, url);
  }
}

/** An account of a CA in use: what orders with it have in common. */
export class AcmeAccount {
  readonly signer: JwsSigner;
  /** One order at a time proves that a name is ours; those behind it find it proven. */
  readonly nameMutex = new KeyedMutex();
  /** Of certificates that there were none of before. */
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
