import { once } from "node:events";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { Agent, createServer, request, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Pebble } from "./pebble";

export interface AcmeAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Change = (answer: AcmeAnswer) => AcmeAnswer;

const STATUSES = new Map([
  ["rateLimited", 429],
  ["serverInternal", 500],
]);

/** Stands in front of a Pebble and changes some of its answers, for what Pebble cannot be brought to say. */
export class AcmeProxy {
  readonly #changes: { readonly matches: RegExp; readonly change: Change }[] = [];
  readonly #agent: Agent;
  /** How often an answer was changed. */
  changed = 0;

  private constructor(
    private readonly pebble: Pebble,
    private readonly server: Server,
  ) {
    this.#agent = new Agent({ ca: pebble.directoryCaPem, keepAlive: true });
    server.on("request", (received, response) => void this.#pass(received, response));
  }

  static async start(pebble: Pebble): Promise<AcmeProxy> {
    const server = createServer(pebble.tls);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new AcmeProxy(pebble, server);
  }

  get directoryUrl(): string {
    return `https://localhost:${(this.server.address() as AddressInfo).port}/dir`;
  }

  /** @param matches what is asked, such as `POST /order-plz`, with the payload behind it */
  change(matches: RegExp, change: Change): void {
    this.#changes.push({ matches, change });
  }

  /** Has an ACME problem answered instead. */
  refuse(matches: RegExp, type: string, more: object = {}, headers: IncomingHttpHeaders = {}): void {
    const problem = { type: `urn:ietf:params:acme:error:${type}`, detail: "as the test wants it", ...more };
    const status = STATUSES.get(type) ?? 403;
    this.change(matches, (answer) => ({
      status,
      headers: { ...answer.headers, ...headers, "content-type": "application/problem+json" },
      body: JSON.stringify(problem),
    }));
  }

  /** Answers are those of Pebble from now on. */
  behave(): void {
    this.#changes.length = 0;
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }

  async #pass(received: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const answer = await this.#answer(received, await text(received));
      const { "content-length": _, "transfer-encoding": __, ...headers } = answer.headers;
      response.writeHead(answer.status, headers as Record<string, string>).end(answer.body);
    } catch {
      response.destroy();
    }
  }

  async #answer({ method = "", url = "", headers }: IncomingMessage, body: string): Promise<AcmeAnswer> {
    // With the host that was asked for: signed requests hold it, and answers have it in their URLs.
    const { port } = this.pebble.gate;
    const sent = request({ host: "localhost", port, path: url, method, headers, agent: this.#agent });
    sent.end(body);
    const [reply] = (await once(sent, "response")) as [IncomingMessage];
    const answer = { status: reply.statusCode ?? 0, headers: reply.headers, body: await text(reply) };
    const asked = `${method} ${url} ${payloadOf(body)}`;
    const found = this.#changes.filter(({ matches }) => matches.test(asked));
    this.changed += found.length;
    return found.reduce((changed, { change }) => change(changed), answer);
  }
}

/** Of a signed request. */
function payloadOf(body: string): string {
  if (body === "") return "";
  return Buffer.from(JSON.parse(body).payload, "base64url").toString();
}
