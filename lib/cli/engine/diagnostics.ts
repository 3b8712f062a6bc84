import { printable, printableLine } from "../../shared/text/printable";
import { truncated } from "../../shared/text/truncated";
import { JsonBytesError } from "../json/json-bytes-error";
import { JsonObject } from "../json/json-object";
import { JsonValue } from "../json/json-value";
import { plural } from "../output/plural";
import { withoutPasswords } from "./without-passwords";

/** What an engine says about a plan or an apply. The engine's quotations of the configuration, with values, are left out. */
export interface EngineDiagnostic {
  readonly severity: "error" | "warning";
  readonly summary: string;
  /** May have several lines, or be empty. */
  readonly detail: string;
  /** Of the resource that it is about; null if it is about none. */
  readonly address: string | null;
}

export interface EngineDiagnostics {
  /** Each once: an interrupted engine says `execution halted` of each resource that it has not begun, and not of which. */
  readonly diagnostics: readonly EngineDiagnostic[];
  /** How many there are beyond the first thousand errors and the first thousand warnings, repetitions included, or are too long. */
  readonly omitted: number;
}

/** Says that messages are left out. @param omitted how many */
export function omission(omitted: number): string {
  return `${plural(omitted, "more message")} of the engine ${omitted === 1 ? "is" : "are"} left out`;
}

/** Of errors, and of warnings: warnings in any number hide no error. */
const MOST_OF_A_SEVERITY = 1000;
const MOST_LINE_BYTES = 1024 * 1024;
const MOST_MEMBERS = 100;
const MOST_WORD_BYTES = 100;
const MOST_SUMMARY_CHARACTERS = 500;
const MOST_DETAIL_CHARACTERS = 4000;
const MOST_ADDRESS_CHARACTERS = 1000;
const LINE_FEED = 0x0a;
/** What a line of a diagnostic has. Other lines have values of resources and outputs, and are never decoded. */
const MARK = '"type":"diagnostic"';

/** Reads the diagnostics in what an engine writes with `-json`: one JSON document a line. */
export class DiagnosticsReader {
  readonly #diagnostics = new Map<string, EngineDiagnostic>();
  readonly #kept = { error: 0, warning: 0 };
  #omitted = 0;
  #line: Buffer[] = [];
  #lineBytes = 0;

  readonly write = (chunk: Buffer): void => {
    let from = 0;
    for (let to = chunk.indexOf(LINE_FEED); to >= 0; to = chunk.indexOf(LINE_FEED, from)) {
      this.#append(chunk.subarray(from, to));
      this.#endLine();
      from = to + 1;
    }
    this.#append(chunk.subarray(from));
  };

  end(): EngineDiagnostics {
    this.#endLine();
    return { diagnostics: [...this.#diagnostics.values()], omitted: this.#omitted };
  }

  #append(part: Buffer): void {
    this.#lineBytes += part.length;
    this.#line.push(Buffer.from(part));
    if (this.#lineBytes > MOST_LINE_BYTES) this.#line = [Buffer.from(endOf(this.#line))];
  }

  #endLine(): void {
    const line = Buffer.concat(this.#line);
    this.#line = [];
    this.#lineBytes = 0;
    if (!line.includes(MARK)) return;
    this.#add(diagnosticOf(line));
  }

  #add(diagnostic: EngineDiagnostic | null): void {
    const key = JSON.stringify(diagnostic);
    if (this.#diagnostics.has(key)) return;
    if (diagnostic === null || this.#kept[diagnostic.severity] === MOST_OF_A_SEVERITY) {
      this.#omitted++;
      return;
    }
    this.#kept[diagnostic.severity]++;
    this.#diagnostics.set(key, diagnostic);
  }
}

/** Of a line that is too long: it tells whether it was a diagnostic, since engines sort the members. */
function endOf(line: readonly Buffer[]): Buffer {
  return Buffer.concat(line).subarray(-2 * MARK.length);
}

/** @returns null for what is not as engines write it */
function diagnosticOf(line: Buffer): EngineDiagnostic | null {
  try {
    return parsed(line);
  } catch (error) {
    if (error instanceof JsonBytesError) return null;
    throw error;
  }
}

/** @throws JsonBytesError */
function parsed(line: Buffer): EngineDiagnostic {
  const diagnostic = new JsonObject(
    new JsonObject(JsonValue.of(line), MOST_MEMBERS).needed("diagnostic"),
    MOST_MEMBERS,
  );
  const severity = diagnostic.needed("severity").text(MOST_WORD_BYTES);
  if (severity !== "error" && severity !== "warning") throw new JsonBytesError(0, "is no severity");
  const text = (name: string) => withoutPasswords(diagnostic.optional(name)?.text(MOST_LINE_BYTES) ?? "");
  return {
    severity,
    summary: printableLine(truncated(text("summary"), MOST_SUMMARY_CHARACTERS)),
    detail: printable(truncated(text("detail"), MOST_DETAIL_CHARACTERS)),
    address: printableLine(truncated(text("address"), MOST_ADDRESS_CHARACTERS)) || null,
  };
}
