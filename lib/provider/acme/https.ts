import type { ClientRequest, IncomingHttpHeaders } from "node:http";
import { type Agent, request } from "node:https";
import { ProxyFault } from "../../shared/http/proxy";
import { ProxyAgent } from "../../shared/http/proxy-agent";
import { rfc3339 } from "../../shared/time/rfc3339";
import { AcmeFailure } from "./failure";

export interface HttpsRequest {
  readonly method: "GET" | "HEAD" | "POST";
  readonly url: string;
  readonly body?: string;
  readonly timeoutMs: number;
}

export interface HttpsReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The maximum size of a response in bytes. Certificate chains have some kilobytes. */
const MAX_BODY = 1024 * 1024;

/** There was no response; a retry may get one. */
export class Unreachable extends AcmeFailure {}

/** The CA takes too long. */
class NoAnswer extends Error {}

/** Requests to one CA, over connections that are kept alive. */
export class Https {
  readonly #agent: Agent;
  /** By the monotonic clock. */
  #answeredAt = Number.NEGATIVE_INFINITY;

  /** @param caPem CA certificates to trust instead of the public CAs; null for those and `NODE_EXTRA_CA_CERTS` */
  constructor(caPem: string | null) {
    this.#agent = new ProxyAgent({
      keepAlive: true,
      maxSockets: 20,
      // Explicit, because NODE_TLS_REJECT_UNAUTHORIZED=0 in the environment changes the default.
      rejectUnauthorized: true,
      ...(caPem !== null && { ca: caPem }),
    });
  }

  /** @throws {AcmeFailure} if there is no response; {@link Unreachable} if a retry may get one */
  async send(asked: HttpsRequest): Promise<HttpsReply> {
    try {
      return await this.#sent(asked);
    } catch (error) {
      throw error instanceof ProxyFault ? new AcmeFailure(error.message, error.remedy) : error;
    }
  }

  #sent({ method, url, body, timeoutMs }: HttpsRequest): Promise<HttpsReply> {
    return new Promise((resolve, reject) => {
      const fail = (error: NodeJS.ErrnoException) => reject(unreachable(url, error));
      const headers = {
        "User-Agent": "cdktf-mail-sni",
        ...(body !== undefined && { "Content-Type": "application/jose+json" }),
      };
      const sent = request(url, { method, agent: this.#agent, headers }, (response) => {
        this.#answeredAt = performance.now();
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
          if (text.length > MAX_BODY) response.destroy(new Error(`sent more than ${MAX_BODY} bytes`));
        });
        response.on("error", fail);
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        );
      });
      sent.on("error", fail);
      this.#limit(sent, timeoutMs);
      sent.end(body);
    });
  }

  /** A request that waits for others of this process has not been asked of the CA yet: it waits as long as those are answered. */
  #limit(sent: ClientRequest, timeoutMs: number): void {
    const begin = () =>
      setTimeout(() => {
        const isWaiting = sent.socket === null && performance.now() - this.#answeredAt < timeoutMs;
        if (isWaiting) timer = begin();
        else sent.destroy(new NoAnswer());
      }, timeoutMs);
    let timer = begin();
    sent.once("socket", () => {
      clearTimeout(timer);
      timer = begin();
    });
    sent.once("close", () => clearTimeout(timer));
  }

  close(): void {
    this.#agent.destroy();
  }
}

function unreachable(url: string, error: NodeJS.ErrnoException): AcmeFailure {
  const { host } = new URL(url);
  if (error instanceof NoAnswer) {
    return new Unreachable(`The CA at ${host} did not answer in time.`, LATER);
  }
  if (DATES.has(error.code ?? "")) {
    return new AcmeFailure(
      `The certificate of ${host} itself is not valid now: ${error.message}. It is ${rfc3339(new Date())} by this machine's clock.`,
      "Check that clock, and set it, with NTP so that it stays right. If it is right, the CA has to renew that certificate: apply again later.",
    );
  }
  if (isUntrusted(error)) {
    return new AcmeFailure(
      `The certificate of ${host} itself is not trusted: ${error.message}.`,
      "If that is a CA of your own, set directory_ca_pem to the certificate that signed it. If it is a public CA, the connection is intercepted: do not continue.",
    );
  }
  return new Unreachable(`The CA at ${host} cannot be reached: ${error.message || error.code}.`, LATER);
}

const LATER =
  "Check that the machine which runs Terraform reaches it, and apply again: nothing was changed meanwhile.";

/** A certificate that begins later, or has ended: by the wrong clock all do. */
const DATES: ReadonlySet<string> = new Set(["CERT_NOT_YET_VALID", "CERT_HAS_EXPIRED"]);

/** Whether the certificate was not accepted, by the error codes of OpenSSL and Node. */
function isUntrusted({ code = "" }: NodeJS.ErrnoException): boolean {
  return (
    /^(CERT_|ERR_TLS_CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/.test(code) || code === "HOSTNAME_MISMATCH"
  );
}
