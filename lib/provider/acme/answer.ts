import { isRecord } from "../../shared/is-record";
import { truncated } from "../../shared/text/truncated";
import { AcmeFailure } from "./failure";

/** An answer of a CA that violates ACME, or is too large. */
export class MalformedAnswer extends AcmeFailure {
  /**
   * @param url the requested URL
   * @param fault what is wrong with the answer, as a clause
   */
  constructor(
    readonly url: string,
    fault: string,
  ) {
    super(
      `The CA's answer at ${shortened(url)} is not valid: ${fault}.`,
      "Check directory_url, and that no proxy changes answers. If both are right, the fault is the CA's: apply again later, and report it there.",
    );
  }
}

const LONGEST_URL = 2_000;
const LONGEST_TEXT = 1_000;

/** The fields of a JSON object that a CA sent. A field that violates ACME throws a {@link MalformedAnswer}. */
export class Answer {
  /** @throws {MalformedAnswer} */
  static parse(url: string, body: string): Answer {
    let value: unknown;
    try {
      value = JSON.parse(body);
    } catch {
      throw new MalformedAnswer(url, "it is not JSON");
    }
    return Answer.#of(url, "it", value);
  }

  static #of(url: string, what: string, value: unknown): Answer {
    if (!isRecord(value)) throw new MalformedAnswer(url, `${what} is not a JSON object`);
    return new Answer(url, value);
  }

  private constructor(
    readonly url: string,
    private readonly fields: Readonly<Record<string, unknown>>,
  ) {}

  /** The field's value, unchecked; undefined if it is absent. */
  any(name: string): unknown {
    return Object.hasOwn(this.fields, name) ? this.fields[name] : undefined;
  }

  text(name: string): string {
    const value = this.any(name);
    if (typeof value === "string" && value.length <= LONGEST_TEXT) return value;
    throw this.#fault(name, `is not a text of at most ${LONGEST_TEXT} characters`);
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T {
    const found = allowed.find((each) => each === this.any(name));
    if (found === undefined) throw this.#fault(name, `is not one of ${allowed.join(", ")}`);
    return found;
  }

  httpUrl(name: string): string {
    const value = this.any(name);
    if (isHttpUrl(value)) return value;
    throw this.#fault(name, "is not a URL that begins with https://");
  }

  optionalHttpUrl(name: string): string | undefined {
    return this.any(name) === undefined ? undefined : this.httpUrl(name);
  }

  httpUrls(name: string, most: number): readonly string[] {
    return this.#list(name, most).map((value) => {
      if (isHttpUrl(value)) return value;
      throw this.#fault(name, "holds something that is not a URL that begins with https://");
    });
  }

  object(name: string): Answer {
    return Answer.#of(this.url, `"${name}"`, this.any(name));
  }

  objects(name: string, most: number): readonly Answer[] {
    return this.#list(name, most).map((value) => Answer.#of(this.url, `an element of "${name}"`, value));
  }

  #list(name: string, most: number): readonly unknown[] {
    const value = this.any(name);
    if (Array.isArray(value) && value.length <= most) return value;
    throw this.#fault(name, `is not a list of at most ${most}`);
  }

  #fault(name: string, fault: string): MalformedAnswer {
    return new MalformedAnswer(this.url, `"${name}" ${fault}`);
  }
}

/**
 * Whether a CA's URL can be requested and signed exactly as it is written: URL parsers ignore line breaks and
 * accept user names. `http:` is accepted here because a CA behind a TLS proxy may write it; see {@link
 * secureUrl}.
 */
export function isHttpUrl(value: unknown): value is string {
  if (typeof value !== "string" || value.length > LONGEST_URL || !/^https?:\/\/[\x21-\x7e]+$/i.test(value))
    return false;
  if (!URL.canParse(value)) return false;
  const { username, password } = new URL(value);
  return username === "" && password === "";
}

/**
 * The address at which a URL of a CA is requested. A CA behind a TLS proxy that does not rewrite URLs gives
 * `http:` URLs of its own host. They are requested over TLS at the directory's address, and signed as the CA
 * wrote them, as such a CA expects. Nothing is ever sent without TLS.
 *
 * @throws {MalformedAnswer} for `http:` URLs of another host
 */
export function secureUrl(url: string, directoryUrl: string): string {
  const [target, directory] = [new URL(url), new URL(directoryUrl)];
  if (target.protocol === "https:") return url;
  const isOwn = target.hostname === directory.hostname && ["", directory.port || "443"].includes(target.port);
  if (target.protocol !== "http:" || !isOwn) {
    throw new MalformedAnswer(directoryUrl, `it leads to ${shortened(url)}, which is not protected by TLS`);
  }
  return `${directory.origin}${target.pathname}${target.search}`;
}

function shortened(url: string): string {
  return truncated(url, 200);
}
