import { ASCII, isSpace } from "./ascii";
import { JsonBytesError } from "./json-bytes-error";

/** More than the types of any provider nest. */
const MOST_DEPTH = 256;

const { QUOTE, COMMA, BACKSLASH, OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE } = ASCII;

/** A number, `true`, `false` or `null` begins with one of these. */
const BEGINS_OF_BARE = Buffer.from("-0123456789tfn");

/**
 * Finds where a JSON value ends, in pieces of any size, and decodes nothing. It checks brackets and quotation marks alone: what
 * is inside is checked where it is read.
 */
export class ValueScanner {
  /** The brackets that close what is open. */
  readonly #closing = new Uint8Array(MOST_DEPTH);
  #depth = 0;
  #isInText = false;
  #isEscaped = false;
  #isBare = false;
  #isDone = false;

  /** Whether the value has ended. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Begins with another value. */
  reset(): void {
    this.#depth = 0;
    this.#isInText = false;
    this.#isEscaped = false;
    this.#isBare = false;
    this.#isDone = false;
  }

  /**
   * Goes on through a piece.
   *
   * @param from the first byte of the value in the piece, or the piece's first byte if the value began in another one
   * @param offset of the piece in the document
   * @returns the position behind the value; the end of the piece if it goes on after that
   * @throws JsonBytesError
   */
  advance(piece: Buffer, from: number, to: number, offset: number): number {
    let at = from;
    while (at < to && !this.#isDone) {
      if (this.#isInText) at = this.#throughText(piece, at, to);
      else if (this.#isBare) at = this.#throughBare(piece, at, to);
      else at = this.#toNextText(piece, at, to, offset);
    }
    return at;
  }

  #throughText(piece: Buffer, from: number, to: number): number {
    let at = from;
    if (this.#isEscaped) at++;
    this.#isEscaped = false;
    for (; at < to; at++) {
      const byte = piece[at];
      if (byte === BACKSLASH) at++;
      if (byte !== QUOTE) continue;
      this.#isInText = false;
      this.#isDone = this.#depth === 0;
      return at + 1;
    }
    // The character behind the backslash is in the next piece.
    this.#isEscaped = at > to;
    return to;
  }

  /** Through a number, `true`, `false` or `null` that is in no brackets. What comes after it does not belong to it. */
  #throughBare(piece: Buffer, from: number, to: number): number {
    for (let at = from; at < to; at++) {
      this.#isDone = isEndOfBare(piece[at] as number);
      if (this.#isDone) return at;
    }
    return to;
  }

  /** Through brackets and what is between them, to the first character of a text, or to the end of the value. */
  #toNextText(piece: Buffer, from: number, to: number, offset: number): number {
    for (let at = from; at < to; at++) {
      const byte = piece[at] as number;
      if (byte === QUOTE) this.#isInText = true;
      else if (byte === OPEN_BRACE) this.#open(CLOSE_BRACE, offset + at);
      else if (byte === OPEN_BRACKET) this.#open(CLOSE_BRACKET, offset + at);
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) this.#close(byte, offset + at);
      else if (this.#depth === 0) this.#beginBare(byte, offset + at);
      else continue;
      if (this.#isInText || this.#isBare || this.#isDone) return at + 1;
    }
    return to;
  }

  #beginBare(byte: number, offset: number): void {
    if (!BEGINS_OF_BARE.includes(byte)) throw new JsonBytesError(offset, "is not a value");
    this.#isBare = true;
  }

  #open(closing: number, offset: number): void {
    if (this.#depth === MOST_DEPTH)
      throw new JsonBytesError(offset, `is nested more than ${MOST_DEPTH} deep`);
    this.#closing[this.#depth++] = closing;
  }

  #close(byte: number, offset: number): void {
    if (this.#depth === 0 || this.#closing[--this.#depth] !== byte) {
      throw new JsonBytesError(offset, "is a bracket that closes nothing");
    }
    this.#isDone = this.#depth === 0;
  }
}

/** Whether a number, `true`, `false` or `null` has ended before this byte. */
function isEndOfBare(byte: number): boolean {
  return byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET || isSpace(byte);
}
