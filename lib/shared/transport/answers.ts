/** The answer of a verb of the host script. */
export interface Answer {
  /** The exit status: 0 on success. */
  readonly status: number;
  /** What the verb printed, errors included. */
  readonly output: string;
}

/** An error: a host sent what no host script sends, an answer that is too large or that no call asked for. */
export class Flood extends Error {
  override readonly name = "Flood";
}

const MIB = 1024 * 1024;
/**
 * The default maximum of an answer. The whole configuration of a server for 10,000 domains is a fifth of it.
 */
const MOST_OF_AN_ANSWER = 16 * MIB;
/** The maximum of a session. All answers about 10,000 domains are a tenth of it. */
const MOST_IN_ALL = 128 * MIB;
/** The maximum of unexpected output: login scripts print something before the host script begins. */
const MOST_UNASKED = MIB / 4;

/** The line after which the first answer follows. Login scripts print what comes before. */
const BEGINNING = new RegExp(`\n${"\x1e"}ready\n`);
const END_OF_ANSWER = new RegExp(`\n${"\x1e"}(\\d{1,3})\n`);
/** The maximum length of a separator. */
const OVERLAP = 16;

/**
 * Splits the output of a shell into answers. It keeps a bounded amount, whatever a host sends. Sizes are in
 * characters.
 */
export class Answers {
  #begun = false;
  /** The incomplete answer, without its end, in which a separator may have begun. */
  #pieces: string[] = [];
  #pieceSize = 0;
  #end = "";
  #inAll = 0;
  /** The maximum size of each expected answer. */
  readonly #expected: number[] = [];
  readonly #complete: Answer[] = [];

  /** Whether the host script is running. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Expects one more answer. */
  expect(most = MOST_OF_AN_ANSWER): void {
    this.#expected.push(most);
  }

  /** The next answer; undefined if it has not arrived yet. */
  next(): Answer | undefined {
    return this.#complete.shift();
  }

  /**
   * Reads output of the shell.
   *
   * @throws {Flood}
   */
  read(text: string): void {
    this.count(text);
    let rest = this.#end + text;
    for (let match = this.#separator(rest); match; match = this.#separator(rest)) {
      this.#keep(rest.slice(0, match.index));
      rest = rest.slice(match.index + match[0].length);
      this.#take(match[1]);
    }
    const kept = Math.max(rest.length - OVERLAP, 0);
    this.#keep(rest.slice(0, kept));
    this.#end = rest.slice(kept);
  }

  /**
   * Counts output that is read elsewhere and not kept.
   *
   * @throws {Flood}
   */
  count(text: string): void {
    this.#inAll += text.length;
    if (this.#inAll > MOST_IN_ALL) throw tooMuch(MOST_IN_ALL);
  }

  #separator(text: string): RegExpExecArray | null {
    return (this.#begun ? END_OF_ANSWER : BEGINNING).exec(text);
  }

  #keep(text: string): void {
    const most = (this.#begun && this.#expected[0]) || MOST_UNASKED;
    this.#pieceSize += text.length;
    if (this.#pieceSize > most) throw tooMuch(most);
    this.#pieces.push(text);
  }

  #take(status: string | undefined): void {
    const output = this.#pieces.join("");
    this.#pieces = [];
    this.#pieceSize = 0;
    if (status === undefined) {
      this.#begun = true;
      return;
    }
    if (this.#expected.shift() === undefined) throw new Flood("it answered what it was not asked");
    this.#complete.push({ status: Number(status), output });
  }
}

function tooMuch(characters: number): Flood {
  return new Flood(`it sent more than ${characters.toLocaleString("en")} characters where fewer belong`);
}
