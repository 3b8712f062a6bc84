import { ASCII, isSpace } from "./ascii";
import { JsonBytesError } from "./json-bytes-error";
import { JsonValue } from "./json-value";
import { ValueScanner } from "./value-scanner";

const { QUOTE, COMMA, COLON, OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE } = ASCII;

/** What is wanted of a member; of other members only the end is looked for. */
export type Wanted =
  | { readonly kind: "whole"; readonly mostBytes: number; readonly take: (value: JsonValue) => void }
  /** Each element of a list, or each member of an object with its name. `null` has none. */
  | {
      readonly kind: "each";
      readonly mostBytes: number;
      readonly most: number;
      readonly take: (value: JsonValue, name: string) => void;
    }
  /** Members of the member. */
  | { readonly kind: "within"; readonly members: Selection };

export type Selection = Readonly<Record<string, Wanted>>;

const MOST_NAME_BYTES = 8192;
const MOST_NULL_BYTES = 4;
/** At the end of the document, in place of a byte. */
const END = -1;

/** Waits for the next piece. */
type Steps<T = void> = Generator<undefined, T, undefined>;

/**
 * Takes values out of a JSON document that comes in pieces, such as one that is too long to keep. Holds one value at a time, and
 * decodes none.
 */
export class JsonSplitter {
  readonly #steps: Steps;
  readonly #scanner = new ValueScanner();
  #piece: Buffer = Buffer.alloc(0);
  #at = 0;
  /** Of the piece in the document. */
  #offset = 0;
  #isEnded = false;

  /** @param selection of the members of the document, which is an object */
  constructor(selection: Selection) {
    this.#steps = this.#document(selection);
  }

  /**
   * Reads the next piece.
   *
   * @throws JsonBytesError and what the selection's `take` throws. Nothing can be written after that
   */
  write(piece: Buffer): void {
    this.#offset += this.#piece.length;
    this.#piece = piece;
    this.#at = 0;
    this.#steps.next();
  }

  /** @throws JsonBytesError if the document is not complete */
  end(): void {
    this.#isEnded = true;
    this.#steps.next();
  }

  *#document(selection: Selection): Steps {
    yield* this.#object((name) => this.#member(selection, name));
    if ((yield* this.#peek()) !== END) throw this.#error("comes after the end of the document");
  }

  *#member(selection: Selection, name: string): Steps {
    const wanted = Object.hasOwn(selection, name) ? selection[name] : undefined;
    if (wanted === undefined) yield* this.#skip();
    else if (wanted.kind === "whole") wanted.take(yield* this.#value(wanted.mostBytes));
    else if (wanted.kind === "within") yield* this.#within(wanted.members);
    else yield* this.#each(wanted);
  }

  *#within(members: Selection): Steps {
    if ((yield* this.#peek()) === OPEN_BRACE) yield* this.#object((name) => this.#member(members, name));
    else yield* this.#skip();
  }

  *#each(wanted: Extract<Wanted, { kind: "each" }>): Steps {
    let count = 0;
    const one = (name: string): Steps => {
      if (++count > wanted.most) throw this.#error(`is one of more than ${wanted.most}`);
      return this.#taken(wanted, name);
    };
    const first = yield* this.#peek();
    if (first === OPEN_BRACE) yield* this.#object(one);
    else if (first === OPEN_BRACKET) yield* this.#separated(CLOSE_BRACKET, () => one(""));
    else if (!(yield* this.#value(MOST_NULL_BYTES)).isNull)
      throw this.#error("comes after what is not a list");
  }

  *#taken({ mostBytes, take }: Extract<Wanted, { kind: "each" }>, name: string): Steps {
    take(yield* this.#value(mostBytes), name);
  }

  *#object(read: (name: string) => Steps): Steps {
    if ((yield* this.#peek()) !== OPEN_BRACE) throw this.#error("is not an object");
    yield* this.#separated(CLOSE_BRACE, () => this.#named(read));
  }

  *#named(read: (name: string) => Steps): Steps {
    if ((yield* this.#peek()) !== QUOTE) throw this.#error("is not the name of a member");
    const name = (yield* this.#value(MOST_NAME_BYTES)).text(MOST_NAME_BYTES);
    if ((yield* this.#peek()) !== COLON) throw this.#error("is not a colon");
    this.#at++;
    yield* read(name);
  }

  /** Goes through what is between two brackets, the first of which is the next byte, separated by commas. */
  *#separated(close: number, read: () => Steps): Steps {
    this.#at++;
    if ((yield* this.#peek()) !== close) {
      yield* read();
      while ((yield* this.#peek()) === COMMA) {
        this.#at++;
        yield* read();
      }
    }
    if ((yield* this.#peek()) !== close) throw this.#error("is neither a comma nor a closing bracket");
    this.#at++;
  }

  *#value(mostBytes: number): Steps<JsonValue> {
    yield* this.#peek();
    const offset = this.#offset + this.#at;
    const parts: Buffer[] = [];
    yield* this.#scan(mostBytes, parts);
    const bytes = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    return new JsonValue(bytes, 0, bytes.length, offset);
  }

  *#skip(): Steps {
    yield* this.#peek();
    yield* this.#scan(Number.POSITIVE_INFINITY, null);
  }

  /** Goes through one value. @param parts receives its bytes */
  *#scan(mostBytes: number, parts: Buffer[] | null): Steps {
    this.#scanner.reset();
    for (let bytes = 0; ; ) {
      const from = this.#at;
      this.#at = this.#scanner.advance(this.#piece, from, this.#piece.length, this.#offset);
      bytes += this.#at - from;
      if (bytes > mostBytes) throw this.#error(`is in a value of more than ${mostBytes} bytes`);
      parts?.push(this.#piece.subarray(from, this.#at));
      if (this.#scanner.isDone) return;
      if (this.#isEnded) throw this.#error("is missing: the document ends in a value");
      yield;
    }
  }

  /** The next byte that is not white space, or the end. It is not taken. */
  *#peek(): Steps<number> {
    for (;;) {
      while (this.#at < this.#piece.length) {
        const byte = this.#piece[this.#at] as number;
        if (!isSpace(byte)) return byte;
        this.#at++;
      }
      if (this.#isEnded) return END;
      yield;
    }
  }

  #error(problem: string): JsonBytesError {
    return new JsonBytesError(this.#offset + this.#at, problem);
  }
}
