import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { type SecureContext, TLSSocket } from "node:tls";
import type { ServerCertificates } from "./certificates";
import { readClientHello } from "./client-hello";

/** How a connection comes to TLS. */
export type Beginning =
  /** Ports 25 and 587. */
  | { readonly kind: "starttls" }
  /** Port 465 under tcpserver with `SMTPS=1`: qmail-smtpd itself shakes hands, at once. */
  | { readonly kind: "smtps" }
  /** Port 465 under sslserver, which has shaken hands, with its own certificate, before qmail-smtpd starts. */
  | { readonly kind: "sslserver"; readonly context: SecureContext };

export interface SessionOptions {
  readonly beginning: Beginning;
  readonly certificates: ServerCertificates;
  /** `control/smtpgreeting`, or else `control/me`. */
  readonly hostName: string;
  /** `SMTPD_GREETDELAY`. */
  readonly greetDelaySeconds: number;
}

/** `unrecognized_name` (RFC 6066 §3), fatal, in a record as OpenSSL sends it before keys are agreed on. */
const UNRECOGNIZED_NAME_ALERT = Buffer.from("15030300020270", "hex");

/** One connection, as one qmail-smtpd process serves it. No mail is taken: it ends where certificates do. */
export class Session {
  #stream: Socket;
  #secure = false;
  #greeting: string;
  #input = Buffer.alloc(0);
  readonly #aborted = new AbortController();

  constructor(
    private readonly socket: Socket,
    private readonly options: SessionOptions,
  ) {
    this.#stream = socket;
    this.#greeting = options.hostName;
  }

  /** @returns when the connection has ended, whichever way */
  async run(): Promise<void> {
    this.socket.on("error", () => {});
    try {
      await this.#serve();
    } catch (error) {
      if (!(error instanceof Ended) && !this.#aborted.signal.aborted) throw error;
    } finally {
      this.#stream.end();
    }
  }

  abort(): void {
    // The TLS socket before what it stands on: the other way round is a segmentation fault in Node 20.
    this.#stream.destroy();
    this.socket.destroy();
    this.#aborted.abort();
  }

  async #serve(): Promise<void> {
    const { beginning, greetDelaySeconds } = this.options;
    if (beginning.kind === "smtps" && !(await this.#startTls())) return;
    if (beginning.kind === "sslserver") await this.#shakeHands(beginning.context);
    await delay(greetDelaySeconds * 1000, undefined, { signal: this.#aborted.signal });
    this.#say(`220 ${this.#greeting} ESMTP`);
    while (await this.#obey(await this.#line()));
  }

  /** @returns whether the conversation goes on */
  async #obey(line: string): Promise<boolean> {
    const [verb = "", argument = ""] = line.split(/ (.*)/s);
    switch (verb.toLowerCase()) {
      case "helo":
        this.#say(`250 ${this.#greeting}`);
        return true;
      case "ehlo":
        this.#say(
          `250-${this.#greeting}`,
          ...(this.#mayStartTls && this.options.certificates.offered ? ["250-STARTTLS"] : []),
          "250-PIPELINING",
          "250-SMTPUTF8",
          "250-8BITMIME",
          "250 SIZE 0",
        );
        return true;
      case "starttls":
        this.#input = Buffer.alloc(0); // What came in clear behind the command does not count (RFC 3207 §6).
        if (!this.#mayStartTls) this.#say("502 unimplemented (#5.5.1)");
        else if (argument !== "") this.#say("501 Syntax error (no parameters allowed) (#5.5.4)");
        else return this.#startTls();
        return true;
      case "rset":
        this.#say("250 flushed");
        return true;
      case "noop":
        this.#say("250 ok");
        return true;
      case "quit":
        this.#say(`221 ${this.#greeting}`);
        return false;
      default:
        this.#say("500 unrecognised (#5.5.2)");
        return true;
    }
  }

  get #mayStartTls(): boolean {
    return !this.#secure && this.options.beginning.kind === "starttls";
  }

  /** Rules 1 to 6. @returns whether the conversation goes on */
  async #startTls(): Promise<boolean> {
    const { beginning, certificates } = this.options;
    let context: SecureContext;
    try {
      context = certificates.loadDefault();
    } catch (error) {
      this.#say(`454 TLS unable to initialize ctx: ${(error as Error).message} (#4.3.0)`);
      return beginning.kind === "starttls";
    }
    if (beginning.kind === "starttls") this.#say("220 ready for tls");
    const serverName = await this.#peekServerName();
    const choice = certificates.choose(serverName);
    if (choice === "refused") {
      this.#stream.write(UNRECOGNIZED_NAME_ALERT);
      // Said in clear, on a connection that was to be a TLS one.
      this.#say("454 TLS connection failed: error:0A0000EA:SSL routines::callback failed (#4.3.0)");
      return false;
    }
    await this.#shakeHands(choice === "default" ? context : choice);
    if (choice !== "default") this.#greeting = serverName?.toString("latin1") ?? "";
    return true;
  }

  /** The SNI of the ClientHello, which stays to be read by the TLS library. */
  async #peekServerName(): Promise<Buffer | null> {
    let hello = readClientHello(this.#input);
    while (hello === "incomplete") {
      await this.#receive();
      hello = readClientHello(this.#input);
    }
    return hello === "malformed" ? null : hello.serverName;
  }

  async #shakeHands(secureContext: SecureContext): Promise<void> {
    if (this.#input.length > 0) this.#stream.unshift(this.#input);
    this.#input = Buffer.alloc(0);
    const secure = new TLSSocket(this.#stream, { isServer: true, secureContext });
    this.#stream = secure.on("error", () => {});
    await new Promise<void>((resolve, reject) => {
      const end = () => reject(new Ended());
      secure.once("secure", resolve).once("_tlsError", end).once("close", end);
    });
    this.#secure = true;
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#input.indexOf("\n");
      if (end >= 0) {
        const line = this.#input.subarray(0, end).toString("latin1").replace(/\r$/, "");
        this.#input = this.#input.subarray(end + 1);
        return line;
      }
      await this.#receive();
    }
  }

  /** Waits for more. @throws Ended where nothing more comes */
  async #receive(): Promise<void> {
    for (;;) {
      const chunk: Buffer | null = this.#stream.read();
      if (chunk !== null) {
        this.#input = Buffer.concat([this.#input, chunk]);
        return;
      }
      if (this.#stream.readableEnded || this.#stream.destroyed) throw new Ended();
      await new Promise<void>((resolve) => {
        const stream = this.#stream;
        const events = ["readable", "end", "close", "error"] as const;
        const done = () => {
          for (const event of events) stream.off(event, done);
          resolve();
        };
        for (const event of events) stream.on(event, done);
      });
    }
  }

  #say(...lines: readonly string[]): void {
    if (this.#stream.writable) this.#stream.write(lines.map((line) => `${line}\r\n`).join(""), "latin1");
  }
}

/** The other side is gone, or the handshake failed: nothing is left to be said. */
class Ended extends Error {}
