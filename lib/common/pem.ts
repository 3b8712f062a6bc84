import { type MailSniError, pemErrors } from "./errors";

/** One `-----BEGIN …-----` to `-----END …-----` of a PEM text (RFC 7468). */
export interface PemBlock {
  /** `CERTIFICATE`, `PRIVATE KEY`, `EC PRIVATE KEY` … */
  readonly label: string;
  /** The block alone, its lines ended by LF, the last one too. */
  readonly text: string;
}

export interface PemText {
  readonly blocks: readonly PemBlock[];
  /** Why a server would not find these blocks, or not all of them. */
  readonly problems: readonly MailSniError[];
}

/**
 * The blocks of a PEM text as OpenSSL finds them, since that is what reads the file on a mail host: text between the
 * blocks, CRLF, trailing spaces and a byte order mark at the very beginning are fine; a block whose first line does
 * not begin in the first column is not seen, and two blocks on one line are none. A missing final newline is harmless
 * until something is appended: it is refused as well.
 */
export function parsePem(text: string): PemText {
  if (text.trim() === "") return { blocks: [], problems: [pemErrors.empty()] };
  const scanner = new Scanner();
  text
    .replace(/^\ufeff/, "")
    .split("\n")
    .forEach((line, index) => {
      scanner.line(line.trimEnd(), index + 1);
    });
  scanner.end(text.endsWith("\n"));
  return scanner;
}

const BEGIN = /^(.*?)-----BEGIN ([A-Z0-9 ]{1,40})-----$/;
const END = /^(.*?)-----END ([A-Z0-9 ]{1,40})-----(?:$|.*-----BEGIN )/;

class Scanner implements PemText {
  readonly blocks: PemBlock[] = [];
  readonly problems: MailSniError[] = [];
  #open: { label: string; lines: string[] } | null = null;

  line(content: string, number: number): void {
    const end = END.exec(content);
    const begin = BEGIN.exec(content);
    if (end === null && begin === null) {
      this.#open?.lines.push(content);
      return;
    }
    if (end !== null && begin !== null) this.#report(pemErrors.notSeparated(number));
    else if ((end ?? begin)?.[1] !== "") this.#report(pemErrors.notInFirstColumn(number));
    if (end !== null) this.#close(end[2] as string, number);
    if (begin !== null) this.#begin(begin[2] as string, number);
  }

  end(hasFinalNewline: boolean): void {
    if (this.#open !== null) this.#report(pemErrors.unfinishedBlock(this.#open.label, null));
    if (this.blocks.length === 0) {
      if (this.problems.length === 0) this.#report(pemErrors.noBlock());
    } else if (!hasFinalNewline) {
      this.#report(pemErrors.noFinalNewline());
    }
  }

  #begin(label: string, number: number): void {
    if (this.#open !== null) this.#report(pemErrors.unfinishedBlock(this.#open.label, number));
    this.#open = { label, lines: [`-----BEGIN ${label}-----`] };
  }

  #close(label: string, number: number): void {
    if (this.#open?.label === label) {
      this.blocks.push({ label, text: `${this.#open.lines.join("\n")}\n-----END ${label}-----\n` });
    } else {
      this.#report(pemErrors.strayEnd(label, number));
    }
    this.#open = null;
  }

  /** The first of each kind is enough: the others commonly have the same cause. */
  #report(problem: MailSniError): void {
    if (!this.problems.some(({ code }) => code === problem.code)) this.problems.push(problem);
  }
}
