import type { IncomingHttpHeaders } from "node:http";
import { AcmeFailure } from "./failure";
import { Https, type HttpsReply, type HttpsRequest } from "./https";
import { ACME_PATIENCE, type AcmePatience } from "./patience";

/** What a CA offers and where (RFC 8555 §7.1.1, RFC 9773 §4.1). */
export interface DirectoryDocument {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  readonly revokeCert?: string;
  /** Absent where the CA has no renewal information. */
  readonly renewalInfo?: string;
  readonly meta?: {
    readonly termsOfService?: string;
    readonly externalAccountRequired?: boolean;
    readonly profiles?: Readonly<Record<string, string>>;
  };
}

/** A CA: its directory, asked for once, and the nonces it has given. */
export class Directory {
  readonly #https: Https;
  readonly #nonces: string[] = [];
  #document: Promise<DirectoryDocument> | undefined;

  /** @param caPem whom to trust for the directory's own certificate; null for the public CAs */
  constructor(
    readonly url: string,
    caPem: string | null,
    readonly patience: AcmePatience = ACME_PATIENCE,
  ) {
    this.#https = new Https(caPem);
  }

  /** @throws {AcmeFailure} */
  document(timeoutMs = this.patience.request): Promise<DirectoryDocument> {
    this.#document ??= this.#fetch(timeoutMs).catch((error: unknown) => {
      // Whoever asks next may have better luck.
      this.#document = undefined;
      throw error;
    });
    return this.#document;
  }

  /** One that has not been used yet. */
  async nonce(): Promise<string> {
    const kept = this.#nonces.pop();
    if (kept !== undefined) return kept;
    const { newNonce } = await this.document();
    const { headers } = await this.#https.send({
      method: "HEAD",
      url: newNonce,
      timeoutMs: this.patience.request,
    });
    const nonce = nonceIn(headers);
    if (nonce === undefined) throw notAcme(this.url, "it gives no nonce");
    return nonce;
  }

  /** @throws {AcmeFailure} where there is no answer at all; a refusal is an answer */
  async send(
    request: Omit<HttpsRequest, "timeoutMs"> & { readonly timeoutMs?: number },
  ): Promise<HttpsReply> {
    const reply = await this.#https.send({ timeoutMs: this.patience.request, ...request });
    const nonce = nonceIn(reply.headers);
    if (nonce !== undefined) this.#nonces.push(nonce);
    return reply;
  }

  close(): void {
    this.#https.close();
  }

  async #fetch(timeoutMs: number): Promise<DirectoryDocument> {
    const { status, body } = await this.#https.send({ method: "GET", url: this.url, timeoutMs });
    if (status !== 200) throw notAcme(this.url, `it answers with status ${status}`);
    const document = parsed(body);
    if (document === null) throw notAcme(this.url, "it answers with something else");
    return document;
  }
}

function nonceIn(headers: IncomingHttpHeaders): string | undefined {
  const nonce = headers["replay-nonce"];
  return typeof nonce === "string" ? nonce : undefined;
}

function parsed(body: string): DirectoryDocument | null {
  try {
    const document = JSON.parse(body) as Partial<DirectoryDocument>;
    const needed = [document.newNonce, document.newAccount, document.newOrder];
    return needed.every((url) => typeof url === "string") ? (document as DirectoryDocument) : null;
  } catch {
    return null;
  }
}

function notAcme(url: string, because: string): AcmeFailure {
  return new AcmeFailure(
    `${url} is not the directory of an ACME server, or fails: ${because}.`,
    "Check directory_url; of Let's Encrypt it is https://acme-v02.api.letsencrypt.org/directory.",
  );
}
