import { quote } from "../errors/wording";
import { isRecord } from "../is-record";
import { SniTableError } from "./sni-table-error";

/**
 * A value somewhere in a parsed JSON document, which knows where it is. Each method tells what the value is, or throws.
 *
 * @throws SniTableError by every method that finds another kind of value
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

  member(key: string): Member {
    if (!isRecord(this.value)) throw this.error("is not an object");
    return new Member(Object.hasOwn(this.value, key) ? this.value[key] : undefined, this, key);
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

  /** @returns an error about this value, which is shown where it is short and no object */
  error(problem: string): SniTableError {
    const { value } = this;
    if (value === undefined) return new SniTableError(this.path, "is missing");
    const isShown = this.parent !== undefined && (typeof value !== "object" || value === null);
    return new SniTableError(this.path, `${isShown ? `is ${quote(String(value))}, which ` : ""}${problem}`);
  }

  private get path(): string {
    const { parent, key } = this;
    if (parent === undefined) return "";
    if (typeof key === "number") return `${parent.path}[${key}]`;
    return parent.path === "" ? key : `${parent.path}.${key}`;
  }
}
