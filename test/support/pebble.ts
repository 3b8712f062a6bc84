import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, get, request } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type IssuedCertificate, issue } from "./certificates";
import { findPebble } from "./pebble-installation";
import { freePort } from "./ports";
import { TcpGate } from "./tcp-gate";
import { WebServer } from "./web-server";

export interface PebbleOptions {
  /** Percentage of good nonces that are refused. @default 5 */
  readonly badNonces?: number;
  /**
   * Whether an authorisation that is valid is used for the next order, too. Where not, `AGAIN_AFTER_REUSE` is for the test.
   *
   * @default true
   */
  readonly reusesAuthorisations?: boolean;
  /** Keys (base64url) by their ids, without one of which it registers no account. @default none is needed */
  readonly externalAccountKeys?: Readonly<Record<string, string>>;
  /** The directory below whose `/tmp` the web server's files are, such as that of a chroot. @default "/" */
  readonly webBelow?: string;
  /** For how many seconds certificates are valid, by profile. Of several, orders without one get any. @default 90 days */
  readonly profiles?: Readonly<Record<string, number>>;
}

/** What the DNS server answers, by name. */
type DnsRecord =
  | { readonly type: "a"; readonly addresses: readonly string[] }
  | { readonly type: "txt"; readonly value: string }
  | { readonly type: "cname"; readonly target: string }
  | { readonly type: "servfail" };

/**
 * Told to use none again, Pebble 2.10.1 still does one time in a hundred (`rand.Intn(100) > 0`), which cannot be seen
 * beforehand: then the test was of another CA than it is about.
 */
export const AGAIN_AFTER_REUSE = { retry: 3 };

const START_DEADLINE_MS = 20_000;

/**
 * Let's Encrypt's ACME server for tests, which really validates: every name is at the address of a web server on port
 * 80, as far as its DNS server was told nothing else. What it knows is gone when it stops.
 */
export class Pebble {
  /** Its certificate is for that as well; no DNS server knows it. */
  static readonly NAME = "pebble.ca.test";

  readonly #children: ChildProcess[] = [];
  readonly #killOnExit = () => {
    for (const child of this.#children) child.kill("SIGKILL");
  };
  #log = "";
  /** What the directory itself shows, for a server that stands in front of it: PEM. */
  #tls: { readonly cert: string; readonly key: string } | undefined;

  private constructor(
    private readonly directory: string,
    /** Signs the certificate of the directory itself. */
    private readonly tlsCa: IssuedCertificate,
    private readonly ports: {
      readonly acme: number;
      readonly management: number;
      readonly dnsManagement: number;
    },
    /** Where the names of mail hosts lead. */
    readonly web: WebServer,
    /** Stands before the server: closed, it is as if there were none. */
    readonly gate: TcpGate,
    /** `ADDRESS:PORT` of the DNS server. */
    readonly dnsServer: string,
  ) {}

  static async start(options: PebbleOptions = {}): Promise<Pebble> {
    const acme = await freePort();
    const management = await freePort();
    const dns = await freePort();
    const dnsManagement = await freePort();
    const directory = mkdtempSync(join(tmpdir(), "mail-sni-pebble-"));
    const web = await WebServer.start(
      `127.${randomInt(1, 255)}.${randomInt(255)}.${randomInt(1, 255)}`,
      options.webBelow,
    );
    const gate = await TcpGate.open(acme);
    const notAfter = new Date(Date.now() + 86_400_000);
    const tlsCa = await issue({ subject: "CN=directory CA", ca: true, notAfter });
    const pebble = new Pebble(
      directory,
      tlsCa,
      { acme, management, dnsManagement },
      web,
      gate,
      `127.0.0.1:${dns}`,
    );
    await pebble.#start(options);
    return pebble;
  }

  get directoryUrl(): string {
    return `https://localhost:${this.gate.port}/dir`;
  }

  get directoryCaPem(): string {
    return this.tlsCa.pem;
  }

  get tls(): { readonly cert: string; readonly key: string } {
    if (!this.#tls) throw new Error("Pebble was not started.");
    return this.#tls;
  }

  /** How often the server was asked for something, by `METHOD /path` without what differs from one to the next. */
  get requests(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const [, what] of this.#log.matchAll(/ ((?:GET|HEAD|POST) \/[a-z-]*\S*) -> calling handler/g)) {
      const known = (what as string).replace(
        /(?<=\/(chalZ|authZ|my-order|finalize-order|certZ|renewalInfo)\/).*/,
        "",
      );
      counts.set(known, (counts.get(known) ?? 0) + 1);
    }
    return counts;
  }

  get log(): string {
    return this.#log;
  }

  forgetRequests(): void {
    this.#log = "";
  }

  async setDns(name: string, record: DnsRecord): Promise<void> {
    const host = `${name}.`;
    if (record.type === "a") {
      await this.#tellDns("clear-servfail", { host });
      await this.#tellDns("clear-a", { host });
      await this.#tellDns("add-a", { host, addresses: record.addresses });
    }
    if (record.type === "txt") await this.#tellDns("set-txt", { host, value: record.value });
    if (record.type === "cname") await this.#tellDns("set-cname", { host, target: `${record.target}.` });
    if (record.type === "servfail") await this.#tellDns("set-servfail", { host });
  }

  /** The address at which a hook can set and clear TXT records, as challtestsrv has it. */
  get dnsManagementUrl(): string {
    return `http://127.0.0.1:${this.ports.dnsManagement}`;
  }

  /** When the server wants a certificate of it to be renewed. */
  async suggestRenewal(certificatePem: string, start: Date, end: Date): Promise<void> {
    const suggestedWindow = { start: start.toISOString(), end: end.toISOString() };
    await this.#tellPebble("/set-renewal-info/", {
      certificate: certificatePem,
      ariResponse: JSON.stringify({ suggestedWindow }),
    });
  }

  /** The root of the certificates that it issues: PEM. It is another one after each start. */
  root(): Promise<string> {
    return this.#askPebble("/roots/0");
  }

  /** Whether the server has revoked it, and why (RFC 5280 §5.3.1). */
  async revocation(serial: string): Promise<string> {
    return this.#askPebble(`/cert-status-by-serial/${serial}`);
  }

  async stop(): Promise<void> {
    process.off("exit", this.#killOnExit);
    await Promise.all(
      this.#children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.kill("SIGKILL");
        await once(child, "exit");
      }),
    );
    await this.gate.close();
    await this.web.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #start(options: PebbleOptions): Promise<void> {
    process.on("exit", this.#killOnExit);
    const { badNonces = 5, reusesAuthorisations = true } = options;
    const installation = findPebble();
    if (installation === null) throw new Error("There is no Pebble here.");
    const dns = ["-dnsserver", this.dnsServer, "-management", `127.0.0.1:${this.ports.dnsManagement}`];
    const addresses = ["-defaultIPv4", this.web.address, "-defaultIPv6", ""];
    const off = ["-http01", "", "-https01", "", "-tlsalpn01", "", "-doh", ""];
    this.#spawn(installation.dnsServer, [...dns, ...addresses, ...off]);
    const config = await this.#configure(options);
    this.#spawn(installation.pebble, ["-strict", "-config", config, "-dnsserver", this.dnsServer], {
      PEBBLE_VA_NOSLEEP: "1",
      PEBBLE_WFE_NONCEREJECT: String(badNonces),
      PEBBLE_AUTHZREUSE: reusesAuthorisations ? "100" : "0",
      PEBBLE_ALTERNATE_ROOTS: "1",
    });
    await this.#listens(this.ports.acme);
    await this.#listens(this.ports.dnsManagement);
  }

  async #configure({
    externalAccountKeys,
    profiles = { default: 7_776_000 },
  }: PebbleOptions): Promise<string> {
    const notAfter = new Date(Date.now() + 86_400_000);
    const leaf = await issue({ issuer: this.tlsCa, dnsNames: ["localhost", Pebble.NAME], notAfter });
    const path = (name: string) => join(this.directory, name);
    this.#tls = { cert: leaf.pem, key: leaf.keyPem };
    writeFileSync(path("cert.pem"), leaf.pem);
    writeFileSync(path("key.pem"), leaf.keyPem);
    const pebble = {
      listenAddress: `127.0.0.1:${this.ports.acme}`,
      managementListenAddress: `127.0.0.1:${this.ports.management}`,
      certificate: path("cert.pem"),
      privateKey: path("key.pem"),
      httpPort: 80,
      tlsPort: 443,
      ocspResponderURL: "",
      externalAccountBindingRequired: externalAccountKeys !== undefined,
      externalAccountMACKeys: externalAccountKeys ?? {},
      domainBlocklist: ["blocked.test"],
      retryAfter: { authz: 1, order: 1 },
      keyAlgorithm: "ecdsa",
      profiles: Object.fromEntries(
        Object.entries(profiles).map(([name, validityPeriod]) => [
          name,
          { description: name, validityPeriod },
        ]),
      ),
    };
    writeFileSync(path("config.json"), JSON.stringify({ pebble }));
    return path("config.json");
  }

  #spawn(executable: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): void {
    const child = spawn(executable, args, {
      env: { PATH: process.env.PATH, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const log = (text: string) => {
      this.#log += text;
    };
    child.stdout.setEncoding("utf8").on("data", log);
    child.stderr.setEncoding("utf8").on("data", log);
    this.#children.push(child);
  }

  async #listens(port: number): Promise<void> {
    const deadline = Date.now() + START_DEADLINE_MS;
    while (!(await isOpen(port))) {
      if (Date.now() > deadline) throw new Error(`Pebble did not come up.\n${this.#log}`);
      await delay(20);
    }
  }

  async #tellDns(path: string, body: object): Promise<void> {
    const response = await fetch(`${this.dnsManagementUrl}/${path}`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
  }

  #tellPebble(path: string, body: object): Promise<string> {
    return this.#management((options) => request({ ...options, path, method: "POST" }), JSON.stringify(body));
  }

  #askPebble(path: string): Promise<string> {
    return this.#management((options) => get({ ...options, path }));
  }

  async #management(send: (options: object) => ReturnType<typeof request>, body?: string): Promise<string> {
    const agent = new Agent({ ca: this.tlsCa.pem });
    const headers = { "User-Agent": "test" };
    const sent = send({ host: "localhost", port: this.ports.management, agent, headers });
    sent.end(body);
    const [response] = await once(sent, "response");
    let text = "";
    for await (const chunk of response) text += chunk;
    if (response.statusCode >= 400) throw new Error(text);
    return text;
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
