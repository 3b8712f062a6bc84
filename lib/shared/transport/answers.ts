/** What a verb of the host script has said, and how it ended. */
export interface Answer {
  /** The exit status: 0 where all went well. */
  readonly status: number;
  /** What the verb printed, errors included. */
  readonly output: string;
}

/** A host has sent what no host script does: more than there is room for, or an answer to nothing. */
export class Flood extends Error {
  override readonly name = "Flood";
}

const MIB = 1024 * 1024;
/** A server's whole configuration for 10,000 domains is a fifth of it. */
export const MOST_OF_AN_ANSWER = 16 * MIB;
/** Of a session. What there is to say of 10,000 domains is a tenth of it. */
const MOST_IN_ALL = 128 * MIB;
/** What nobody has asked for: login scripts say something before the host script begins. */
const MOST_UNASKED = MIB / 4;

/** Behind it is the first answer. What comes before is a login script's, and none of ours. */
const BEGINNING = new RegExp(`\n${"\x1e"}ready\n`);
const END_OF_ANSWER = new RegExp(`\n${"\x1e"}(\\d{1,3})\n`);
/** No separator is longer. */
const OVERLAP = 16;

/** Takes apart into answers what a shell prints. What it keeps is bounded, whatever a host sends. Sizes are in characters. */
export class Answers {
  #begun = false;
  /** Of what is not complete all but its end, in which a separator may have begun. */
  #pieces: string[] = [];
  #pieceSize = 0;
  #end = "";
  #inAll = 0;
  /** Of each answer that is to come, how large it may be. */
  readonly #expected: number[] = [];
  readonly #complete: Answer[] = [];

  /** The host script runs. */
  get begun(): boolean {
    return this.#begun;
  }

  /** One more answer is to come. */
  expect(most = MOST_OF_AN_ANSWER): void {
    this.#expected.push(most);
  }

  /** The next answer, where it has come. */
  next(): Answer | undefined {
    return this.#complete.shift();
  }

  /** Takes in what the shell has printed. @throws {Flood} */
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

  /** Counts what is read elsewhere, and not kept. @throws {Flood} */
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
