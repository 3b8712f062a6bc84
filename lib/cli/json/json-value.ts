import { ASCII, isSpace } from "./ascii";
import { JsonBytesError } from "./json-bytes-error";
import { ValueScanner } from "./value-scanner";

const { QUOTE, COMMA, COLON, BACKSLASH, OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE } = ASCII;

/** Whether JSON writes a character as it is, in one byte. */
function isPlainCharacter(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f && byte !== BACKSLASH;
}

/** How many bytes a member's name may have. */
const MOST_NAME_BYTES = 8192;
/** That a number holds exactly. */
const MOST_DIGITS = 15;

/**
 * A JSON value as bytes. Only what a method is asked for is decoded: other values never become strings, so that none is in an
 * error, a report or a dump of the heap.
 *
 * @throws JsonBytesError by every method that finds another kind of value, or bytes that are not JSON
 */
export class JsonValue {
  readonly #scanner: ValueScanner;

  /**
   * @param bytes from `start` to before `end` they are the value, without white space around it
   * @param offset of `bytes` in the document, for errors
   */
  constructor(
    private readonly bytes: Buffer,
    private readonly start: number,
    private readonly end: number,
    private readonly offset: number,
    scanner = new ValueScanner(),
  ) {
    this.#scanner = scanner;
  }

  /**
   * The value that a whole document is.
   *
   * @throws JsonBytesError if that is not one value
   */
  static of(document: Buffer): JsonValue {
    const whole = new JsonValue(document, 0, document.length, 0);
    const value = whole.#valueAt(whole.#next(0));
    const hasMore = document.subarray(value.end).some((byte) => !isSpace(byte));
    if (hasMore) throw whole.#errorAt(value.end, "has more behind it");
    return value;
  }

  get isNull(): boolean {
    return this.#isBare("null");
  }

  get isTrue(): boolean {
    return this.#isBare("true");
  }

  get isFalse(): boolean {
    return this.#isBare("false");
  }

  /** Whether it is `true`, or has a `true` anywhere in it. */
  get hasTrue(): boolean {
    const first = this.bytes[this.start];
    if (first === OPEN_BRACE) return this.#members().some(([, value]) => value.hasTrue);
    if (first === OPEN_BRACKET) return this.#elements().some((value) => value.hasTrue);
    return this.isTrue;
  }

  /** Whether the other value is written with the same bytes. */
  equals(other: JsonValue | null): boolean {
    return (
      other !== null && this.bytes.compare(other.bytes, other.start, other.end, this.start, this.end) === 0
    );
  }

  /**
   * The members of an object.
   *
   * @param most how many are allowed
   */
  object(most: number): ReadonlyMap<string, JsonValue> {
    const members = new Map<string, JsonValue>();
    for (const [name, value] of this.#members()) {
      const text = name.text(MOST_NAME_BYTES);
      // Another reader could take the other one of the two.
      if (members.has(text)) throw name.error("is the name of a member that is there already");
      if (members.size === most) throw this.error(`has more than ${most} members`);
      members.set(text, value);
    }
    return members;
  }

  /** @param most how many elements are allowed */
  list(most: number): readonly JsonValue[] {
    const elements = this.#elements();
    if (elements.length > most) throw this.error(`has more than ${most} elements`);
    return elements;
  }

  /** @param most how many bytes are allowed */
  text(most: number): string {
    if (this.bytes[this.start] !== QUOTE) throw this.error("is not a text");
    if (this.end - this.start > most + 2) throw this.error(`is a text of more than ${most} bytes`);
    return this.#decoded();
  }

  boolean(): boolean {
    if (!this.isTrue && !this.isFalse) throw this.error("is not true or false");
    return this.isTrue;
  }

  /** A whole number that is not negative. */
  count(): number {
    const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;
    const digits = this.bytes.subarray(this.start, this.end);
    if (digits.length > MOST_DIGITS || !digits.every(isDigit)) throw this.error("is not a whole number");
    return Number(digits.toString("latin1"));
  }

  error(problem: string): JsonBytesError {
    return new JsonBytesError(this.offset + this.start, problem);
  }

  #isBare(word: string): boolean {
    const { bytes, start, end } = this;
    return end - start === word.length && bytes.toString("latin1", start, end) === word;
  }

  /** Of a text. */
  #decoded(): string {
    const isPlain = this.bytes.subarray(this.start + 1, this.end - 1).every(isPlainCharacter);
    if (isPlain) return this.bytes.toString("latin1", this.start + 1, this.end - 1);
    try {
      return JSON.parse(this.bytes.toString("utf8", this.start, this.end));
    } catch {
      // The message of Node.js quotes the text.
      throw this.error("is not JSON");
    }
  }

  #members(): readonly (readonly [name: JsonValue, value: JsonValue])[] {
    const members: (readonly [JsonValue, JsonValue])[] = [];
    this.#walk(OPEN_BRACE, CLOSE_BRACE, "is not an object", (from) => {
      if (this.bytes[from] !== QUOTE) throw this.#errorAt(from, "is not the name of a member");
      const name = this.#valueAt(from);
      const colon = this.#next(name.end);
      if (this.bytes[colon] !== COLON) throw this.#errorAt(colon, "is not a colon");
      const value = this.#valueAt(this.#next(colon + 1));
      members.push([name, value]);
      return value.end;
    });
    return members;
  }

  #elements(): readonly JsonValue[] {
    const elements: JsonValue[] = [];
    this.#walk(OPEN_BRACKET, CLOSE_BRACKET, "is not a list", (from) => {
      const value = this.#valueAt(from);
      elements.push(value);
      return value.end;
    });
    return elements;
  }

  /**
   * Goes through what is between two brackets, separated by commas.
   *
   * @param read reads one of it and returns the position behind it
   */
  #walk(open: number, close: number, otherwise: string, read: (from: number) => number): void {
    if (this.bytes[this.start] !== open) throw this.error(otherwise);
    let at = this.#next(this.start + 1);
    if (this.bytes[at] !== close) {
      at = this.#next(read(at));
      while (this.bytes[at] === COMMA) at = this.#next(read(this.#next(at + 1)));
    }
    const isEnd = this.bytes[at] === close && at + 1 === this.end;
    if (!isEnd) throw this.#errorAt(at, "is neither a comma nor the closing bracket");
  }

  /** The position of the next byte that is not white space. */
  #next(from: number): number {
    let at = from;
    while (at < this.end && isSpace(this.bytes[at])) at++;
    if (at === this.end) throw this.error("has no end");
    return at;
  }

  #valueAt(from: number): JsonValue {
    this.#scanner.reset();
    const end = this.#scanner.advance(this.bytes, from, this.end, this.offset);
    if (!this.#scanner.isDone) throw this.#errorAt(from, "has no end");
    return new JsonValue(this.bytes, from, end, this.offset, this.#scanner);
  }

  #errorAt(at: number, problem: string): JsonBytesError {
    return new JsonBytesError(this.offset + at, problem);
  }
}
