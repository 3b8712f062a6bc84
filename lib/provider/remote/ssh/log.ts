const SERVER_KEY = /^debug1: Server host key: (\S+ \S+)/;
const READY = /^debug1: Entering interactive session/;
const FORWARDING_REFUSED = /^channel \d+: open failed: (.*)$/;
const MOST_LINES = 50;

/** What the ssh that makes the connection says, line by line, and what of it matters. */
export class SshLog {
  /** What is meant for people, the last of it. */
  readonly words: string[] = [];
  /** Type and fingerprint of the key that a host has shown, the last of the hosts on the way. */
  serverKey: string | undefined;
  /** Somebody is logged in, and the connection can be shared; of the last host that was reached. */
  ready = false;
  /** Why connections that the host was to make have failed, the oldest first. */
  readonly refusals: string[] = [];
  #incomplete = "";

  read(text: string): void {
    const lines = (this.#incomplete + text).split(/\r?\n/);
    this.#incomplete = lines.pop() ?? "";
    for (const line of lines) this.#take(line);
  }

  #take(line: string): void {
    this.serverKey = SERVER_KEY.exec(line)?.[1] ?? this.serverKey;
    if (READY.test(line)) this.ready = true;
    const refusal = FORWARDING_REFUSED.exec(line)?.[1];
    if (refusal !== undefined) this.refusals.push(refusal);
    else if (line !== "" && !/^debug\d: /.test(line)) {
      this.words.push(line);
      if (this.words.length > MOST_LINES) this.words.shift();
    }
  }
}
