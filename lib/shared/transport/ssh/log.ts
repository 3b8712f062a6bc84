const SERVER_KEY = /^debug1: Server host key: (\S+ \S+)/;
const READY = /^debug1: Entering interactive session/;
const FORWARDING_REFUSED = /^channel \d+: open failed: (.*)$/;
const MOST_LINES = 50;
/** The maximum length of a line, in characters; longer lines are cut. */
const LONGEST_LINE = 2_000;

/** Reads the output of the ssh that opens the connection, and keeps what matters. */
export class SshLog {
  /** The last messages for the user. */
  readonly words: string[] = [];
  /** Type and fingerprint of the host's key; with jump hosts, of the last that was reached. */
  serverKey: string | undefined;
  /** Whether the login to the last host that was reached is complete and the connection can be shared. */
  ready = false;
  /** The number of forwarded connections that the host could not open. */
  refusals = 0;
  /** Why the last of them failed. */
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
