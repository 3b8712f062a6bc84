import type { JsonValue } from "./json-value";

const MOST_TEXT_BYTES = 8192;

/** The members of a JSON object. One that is missing counts as null. */
export class JsonObject {
  readonly #members: ReadonlyMap<string, JsonValue>;

  /**
   * @param most how many members are allowed
   * @throws JsonBytesError if the value is no object
   */
  constructor(
    private readonly value: JsonValue,
    most: number,
  ) {
    this.#members = value.object(most);
  }

  get entries(): readonly (readonly [name: string, value: JsonValue])[] {
    return [...this.#members];
  }

  /** The value of a member; null if it is missing or `null`. */
  optional(name: string): JsonValue | null {
    const value = this.#members.get(name);
    return value === undefined || value.isNull ? null : value;
  }

  /** Whether a member is there, and `null`. */
  hasNull(name: string): boolean {
    return this.#members.get(name)?.isNull === true;
  }

  /** @throws JsonBytesError if the member is missing or `null` */
  needed(name: string): JsonValue {
    const value = this.optional(name);
    if (value === null) throw this.value.error(`has no ${name}`);
    return value;
  }

  /** A text; null if it is missing or `null`. @throws JsonBytesError if it is anything else */
  text(name: string): string | null {
    return this.optional(name)?.text(MOST_TEXT_BYTES) ?? null;
  }
}
