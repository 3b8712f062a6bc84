import "reflect-metadata";
import { randomBytes, type webcrypto } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import * as x509 from "@peculiar/x509";
import { covers, type HostName } from "../../lib/shared/host-name";
import { type IssuedCertificate, issue } from "./certificates";

export interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
}

/** What a CA is asked for. */
export type Step =
  | "directory"
  | "nonce"
  | "account"
  | "order"
  | "authorization"
  | "challenge"
  | "order status"
  | "finalize"
  | "certificate"
  | "alternate"
  | "renewal information"
  | "revocation";

/** What becomes of the answer to one step; null: the connection is cut. `ca` is the CA's own address. */
export interface Lie {
  readonly at: Step;
  readonly change: (answer: Answer, ca: LyingCa) => Answer | null;
}

interface Order {
  readonly id: string;
  readonly names: readonly string[];
  readonly proven: Set<number>;
  csr?: string;
}

const ECDSA = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const HOUR = 3_600_000;

/**
 * An ACME server that lies as it is told, and else does what Boulder does as far as clients see it: it refuses names that a
 * wildcard of the order covers, and suggests renewal as Boulder. It believes every signature and every challenge, and its clock
 * goes with that of the test, so that years pass in a moment.
 */
export class LyingCa {
  readonly #orders = new Map<string, Order>();
  readonly #server: Server;
  /** Those that are told in the moment. */
  readonly lies: Lie[] = [];
  /** What was asked for so far, with the payload behind it where there was one. */
  readonly asked: { readonly step: Step; readonly payload: string; readonly signedUrl: string }[] = [];
  /** How long each answer takes. */
  latencyMs = 0;
  /** How far its clock is ahead of the test's. */
  clockAheadMs = 0;
  /** Of what it issues, in milliseconds. */
  lifetime = 90 * 24 * HOUR;
  /** How long before the issue certificates begin. */
  backdatingMs = 60_000;
  /** Where in the lifetime the window for renewals begins and ends; null: as Boulder. */
  window: readonly [number, number] | null = null;

  private constructor(
    private readonly tls: IssuedCertificate,
    private readonly root: IssuedCertificate,
    private readonly otherRoot: IssuedCertificate,
    key: string,
    cert: string,
  ) {
    this.#server = createServer({ key, cert }, (request, response) => void this.#serve(request, response));
  }

  static async start(): Promise<LyingCa> {
    const later = new Date(Date.now() + 3650 * 24 * HOUR);
    const before = new Date(Date.now() - 24 * HOUR);
    const authority = (subject: string, keys?: webcrypto.CryptoKeyPair) =>
      issue({ subject, ca: true, notBefore: before, notAfter: later, ...(keys && { keys }) });
    const tls = await authority("CN=directory CA");
    const leaf = await issue({ issuer: tls, dnsNames: ["localhost"], notBefore: before, notAfter: later });
    const root = await authority("CN=Lying CA");
    const other = await authority("CN=Other root");
    const cross = await issue({
      subject: "CN=Lying CA",
      issuer: other,
      ca: true,
      keys: root.keys,
      notBefore: before,
      notAfter: later,
    });
    const ca = new LyingCa(tls, root, cross, leaf.keyPem, leaf.pem);
    ca.#server.listen(0, "127.0.0.1");
    await once(ca.#server, "listening");
    return ca;
  }

  /** From now on it suggests this window for all certificates, and tells no other lie. In hours from the time it is asked. */
  suggests(from: number, to: number, more: object = {}): void {
    this.lies.splice(0, this.lies.length, {
      at: "renewal information",
      change: (answer) => {
        const [start, end] = [from, to].map((hours) => new Date(Date.now() + hours * HOUR).toISOString());
        return { ...answer, status: 200, body: JSON.stringify({ suggestedWindow: { start, end }, ...more }) };
      },
    });
  }

  get origin(): string {
    return `https://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  get directoryUrl(): string {
    return `${this.origin}/dir`;
  }

  get directoryCaPem(): string {
    return this.tls.pem;
  }

  /** Tells the truth again. */
  behave(): void {
    this.lies.length = 0;
    this.asked.length = 0;
    this.latencyMs = 0;
    this.clockAheadMs = 0;
  }

  count(step: Step): number {
    return this.asked.filter((each) => each.step === step).length;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const sent = await text(request).catch(() => "");
    const jws = sent === "" ? null : JSON.parse(sent);
    const payload = jws === null ? "" : Buffer.from(jws.payload, "base64url").toString();
    const signedUrl = jws === null ? "" : JSON.parse(Buffer.from(jws.protected, "base64url").toString()).url;
    const [step, truth] = await this.#truth(String(request.url), payload);
    this.asked.push({ step, payload, signedUrl });
    const nonce = { "replay-nonce": randomBytes(12).toString("base64url") };
    // By the clock of the test, which the one of Node's server is not.
    const date = new Date(Date.now() + this.clockAheadMs).toUTCString();
    let answer: Answer | null = { ...truth, headers: { ...nonce, date, ...truth.headers } };
    for (const { at, change } of this.lies) if (at === step && answer !== null) answer = change(answer, this);
    if (this.latencyMs > 0) await delay(this.latencyMs);
    if (answer === null) {
      response.destroy();
      return;
    }
    const headers = Object.entries(answer.headers).filter(([, value]) => value !== undefined);
    response
      .writeHead(answer.status, Object.fromEntries(headers))
      .end(request.method === "HEAD" ? "" : answer.body);
  }

  async #truth(path: string, payload: string): Promise<[Step, Answer]> {
    const [, verb = "", id = "", index = ""] = path.split("/");
    const known = this.#orders.get(id) as Order;
    if (verb === "alternate" && known === undefined) return ["alternate", json({}, 404)];
    switch (verb) {
      case "dir":
        return ["directory", json(this.#directory())];
      case "nonce":
        return ["nonce", json({})];
      case "account":
        return ["account", json({ status: "valid" }, 201, { location: `${this.origin}/account/1` })];
      case "order":
        if (id !== "") return ["order status", json(this.#document(known))];
        return ["order", this.#begun(JSON.parse(payload))];
      case "authorization":
        return ["authorization", json(this.#authorization(known, Number(index)))];
      case "challenge":
        known.proven.add(Number(index));
        return ["challenge", json({})];
      case "finalize":
        known.csr = JSON.parse(payload).csr;
        return ["finalize", json(this.#document(known))];
      case "certificate": {
        const leaf = await this.#issue(known);
        const alternate = `<${this.origin}/alternate/${id}>;rel="alternate"`;
        return ["certificate", { status: 200, headers: { link: alternate }, body: leaf + this.root.pem }];
      }
      case "alternate":
        return [
          "alternate",
          { status: 200, headers: {}, body: (await this.#issue(known)) + this.otherRoot.pem },
        ];
      case "ari":
        return ["renewal information", json({ suggestedWindow: this.#windows.get(id) })];
      default:
        return ["revocation", json({})];
    }
  }

  #directory() {
    const at = (path: string) => `${this.origin}/${path}`;
    return {
      newNonce: at("nonce"),
      newAccount: at("account"),
      newOrder: at("order"),
      revokeCert: at("revoke"),
      renewalInfo: at("ari"),
    };
  }

  #begun({ identifiers }: { readonly identifiers: readonly { readonly value: string }[] }): Answer {
    const names = identifiers.map(({ value }) => value);
    const wildcards = names.filter((name) => name.startsWith("*."));
    const redundant = names.find((name) => !name.startsWith("*.") && covers(wildcards, name as HostName));
    if (redundant !== undefined) {
      const detail = `Domain name "${redundant}" is redundant with a wildcard domain in the same request. Remove one or the other from the certificate request.`;
      return json({ type: "urn:ietf:params:acme:error:malformed", detail }, 400);
    }
    const order: Order = { id: randomBytes(8).toString("hex"), names, proven: new Set() };
    this.#orders.set(order.id, order);
    return json(this.#document(order), 201, { location: `${this.origin}/order/${order.id}` });
  }

  #document({ id, names, proven, csr }: Order) {
    const status = csr !== undefined ? "valid" : proven.size === names.length ? "ready" : "pending";
    return {
      status,
      identifiers: names.map((value) => ({ type: "dns", value })),
      authorizations: names.map((_, index) => `${this.origin}/authorization/${id}/${index}`),
      finalize: `${this.origin}/finalize/${id}`,
      ...(csr !== undefined && { certificate: `${this.origin}/certificate/${id}` }),
    };
  }

  #authorization({ id, names, proven }: Order, index: number) {
    const name = names[index] as string;
    return {
      status: proven.has(index) ? "valid" : "pending",
      identifier: { type: "dns", value: name.replace(/^\*\./, "") },
      challenges: ["http-01", "dns-01"].map((type) => ({
        type,
        status: "pending",
        url: `${this.origin}/challenge/${id}/${index}`,
        token: `token-${id}-${index}`,
      })),
    };
  }

  /** By identifiers of RFC 9773. */
  readonly #windows = new Map<string, { readonly start: string; readonly end: string }>();
  readonly #issued = new Map<string, string>();

  async #issue({ id, names, csr = "" }: Order): Promise<string> {
    const known = this.#issued.get(id);
    if (known !== undefined) return known;
    const request = new x509.Pkcs10CertificateRequest(Buffer.from(csr, "base64url"));
    const notBefore = new Date(Date.now() + this.clockAheadMs - this.backdatingMs);
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: randomBytes(8).toString("hex").replace(/^./, "4"),
      issuer: this.root.certificate.subject,
      notBefore,
      notAfter: new Date(+notBefore + this.lifetime),
      publicKey: request.publicKey,
      signingKey: this.root.keys.privateKey,
      signingAlgorithm: ECDSA,
      extensions: [
        new x509.SubjectAlternativeNameExtension(
          names.map((value) => ({ type: "dns" as const, value })),
          true,
        ),
        await x509.AuthorityKeyIdentifierExtension.create(this.root.keys.publicKey),
      ],
    });
    const keyId = certificate.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId ?? "";
    const ari = [keyId, certificate.serialNumber].map((hex) => Buffer.from(hex, "hex").toString("base64url"));
    this.#windows.set(ari.join("."), this.#windowOf(notBefore));
    const pem = `${certificate.toString("pem")}\n`;
    this.#issued.set(id, pem);
    return pem;
  }

  /** Two thirds of the lifetime, or a half below ten days, and one part in a hundred more or less. */
  #windowOf(notBefore: Date) {
    const share = this.lifetime < 240 * HOUR ? 1 / 2 : 2 / 3;
    const [from, to] = this.window ?? [share - 0.01, share + 0.01];
    const at = (part: number) => new Date(+notBefore + part * this.lifetime).toISOString();
    return { start: at(from), end: at(to) };
  }
}

function json(document: object, status = 200, headers: OutgoingHttpHeaders = {}): Answer {
  return { status, headers, body: JSON.stringify(document) };
}
