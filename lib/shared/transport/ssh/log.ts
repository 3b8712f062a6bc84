const SERVER_KEY = /^debug1: Server host key: (\S+ \S+)/;
const READY = /^debug1: Entering interactive session/;
const FORWARDING_REFUSED = /^channel \d+: open failed: (.*)$/;
const MOST_LINES = 50;
/** In characters; what is longer is cut. */
const LONGEST_LINE = 2_000;

/** What the ssh that makes the connection says, line by line, and what of it matters. */
export class SshLog {
  /** What is meant for people, the last of it. */
  readonly words: string[] = [];
  /** Type and fingerprint of the key that a host has shown, the last of the hosts on the way. */
  serverKey: string | undefined;
  /** Somebody is logged in, and the connection can be shared; of the last host that was reached. */
  ready = false;
  /** How many connections the host was to make and has not made. */
  refusals = 0;
  /** Why the last of them has failed. */
  lastRefusal = "";
  #incomplete = "";

  read(text: string): void {
    const lines = (this.#incomplete + text).split(/\r?\n/);
    this.#incomplete = (lines.pop() ?? "").slice(0, LONGEST_LINE);
    for (const line of lines) this.#take(line);
  }

  #take(whole: string): void {
    const line = whole.slice(0, LONGEST_LINE);
    this.serverKey = SERVER_KEY.exec(line)?.[1] ?? this.serverKey;
    if (READY.test(line)) this.ready = true;
    const refusal = FORWARDING_REFUSED.exec(line)?.[1];
    if (refusal !== undefined) {
      this.refusals++;
      this.lastRefusal = refusal;
    } else if (line !== "" && !/^debug\d: /.test(line)) {
      this.words.push(line);
      if (this.words.length > MOST_LINES) this.words.shift();
    }
  }
}
