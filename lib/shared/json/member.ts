import { quote } from "../errors/wording";
import { isRecord } from "../is-record";
import { truncated } from "../text/truncated";
import { JsonError } from "./json-error";

const MOST_SHOWN_CHARACTERS = 80;

/**
 * A value in a parsed JSON document, with its path for errors. Each method returns the value as one kind, or throws.
 *
 * @throws JsonError by every method that finds another kind of value
 */
export class Member {
  constructor(
    private readonly value: unknown,
    private readonly parent?: Member,
    private readonly key: string | number = "",
  ) {}

  get isPresent(): boolean {
    return this.value !== undefined;
  }

  get isObject(): boolean {
    return isRecord(this.value);
  }

  get isFalse(): boolean {
    return this.value === false;
  }

  /** The value as it was parsed, of whatever kind. */
  get raw(): unknown {
    return this.value;
  }

  /** The parsed value; null if it is missing or `null`. */
  optional<T>(parse: (present: Member) => T): T | null {
    return this.value === undefined || this.value === null ? null : parse(this);
  }

  member(key: string): Member {
    const record = this.record();
    return new Member(Object.hasOwn(record, key) ? record[key] : undefined, this, key);
  }

  /**
   * The members of an object whose keys are names.
   *
   * @param most how many are allowed
   */
  entries<T>(most: number, parse: (member: Member) => T): [key: string, value: T][] {
    const entries = Object.entries(this.record());
    if (entries.length > most) throw this.error(`has ${entries.length} members, and ${most} are allowed`);
    return entries.map(([key, value]) => [key, parse(new Member(value, this, key))]);
  }

  /** @param most how many elements are allowed */
  list<T>(most: number, parse: (element: Member) => T): T[] {
    const { value } = this;
    if (!Array.isArray(value)) throw this.error("is not a list");
    if (value.length > most) throw this.error(`has ${value.length} elements, and ${most} are allowed`);
    return value.map((element, index) => parse(new Member(element, this, index)));
  }

  /** @param most how many characters are allowed */
  text(most: number): string {
    const { value } = this;
    if (typeof value !== "string") throw this.error("is not a text");
    if (value === "") throw this.error("is empty");
    if (value.length > most) throw this.error(`has ${value.length} characters, and ${most} are allowed`);
    return value;
  }

  /** @param from the smallest, and `to` the largest that is allowed */
  integer(from: number, to: number): number {
    const { value } = this;
    if (typeof value !== "number" || !Number.isInteger(value) || value < from || value > to) {
      throw this.error(`is not a whole number from ${from} to ${to}`);
    }
    return value;
  }

  boolean(): boolean {
    if (typeof this.value !== "boolean") throw this.error("is not true or false");
    return this.value;
  }

  oneOf<T extends string>(allowed: readonly T[]): T {
    const found = allowed.find((one) => one === this.value);
    if (found === undefined) throw this.error(`is not one of ${allowed.join(", ")}`);
    return found;
  }

  /** @returns an error about this value, which quotes it, shortened, unless it is an object */
  error(problem: string): JsonError {
    const { value } = this;
    if (value === undefined) return new JsonError(this.path, "is missing");
    const isShown = this.parent !== undefined && (typeof value !== "object" || value === null);
    return new JsonError(this.path, `${isShown ? `is ${quote(String(value))}, which ` : ""}${problem}`);
  }

  private record(): Readonly<Record<string, unknown>> {
    if (!isRecord(this.value)) throw this.error("is not an object");
    return this.value;
  }

  private get path(): string {
    const { parent, key } = this;
    if (parent === undefined) return "";
    if (typeof key === "number") return `${parent.path}[${key}]`;
    // Member names come from the document, so they are shortened too.
    const name = truncated(key, MOST_SHOWN_CHARACTERS);
    return parent.path === "" ? name : `${parent.path}.${name}`;
  }
}
