import { type MailSniError, pemErrors } from "./errors";
import { legiblePem } from "./pem-encoding";

/** One block of a PEM text, from `-----BEGIN …-----` to `-----END …-----` (RFC 7468). */
export interface PemBlock {
  /** The label: `CERTIFICATE`, `PRIVATE KEY`, `EC PRIVATE KEY` … */
  readonly label: string;
  /** The text of the block, every line ended by LF. */
  readonly text: string;
}

export interface PemText {
  readonly blocks: readonly PemBlock[];
  /** Why a server would not find these blocks, or not all of them. */
  readonly problems: readonly MailSniError[];
}

/**
 * Finds the blocks of a PEM text as OpenSSL does, which reads the file on a mail host. Text between the
 * blocks, CRLF and trailing spaces are allowed. A block whose first line does not begin in the first column
 * is not found, nor are two blocks on one line. A missing final newline is refused: it does harm as soon as
 * something is appended.
 *
 * Encoded text is decoded first if that is unambiguous: base64, `\\n` in place of line breaks, byte order
 * marks ({@link legiblePem}). The old label `X509 CERTIFICATE` becomes `CERTIFICATE`.
 *
 * @param mostBlocks how many blocks are allowed; by default more than any chain has
 */
export function parsePem(text: string, mostBlocks = MOST_BLOCKS): PemText {
  if (text.trim() === "") return { blocks: [], problems: [pemErrors.empty()] };
  const scanner = new Scanner(text);
  const legible = legiblePem(text);
  legible.split("\n").forEach((line, index) => {
    scanner.line(line.trimEnd(), index + 1);
  });
  // An encoded value has commonly lost its last line break; decoding restores it.
  scanner.end(legible.endsWith("\n") || legible !== text);
  if (scanner.blocks.length > mostBlocks)
    return { blocks: [], problems: [pemErrors.tooManyBlocks(mostBlocks)] };
  return scanner;
}

/**
 * The maximum number of blocks, far above any chain. The check of a chain compares all certificates with each
 * other.
 */
const MOST_BLOCKS = 100;

/**
 * A PEM as it is written for servers: the private key first, then the certificates in their order, nothing
 * between them. Postfix reads no other order. An invalid text stays as it is, so that its problems can be
 * reported.
 */
export function canonicalPem(text: string): string {
  const { blocks, problems } = parsePem(text);
  if (problems.length > 0) return text;
  const isKey = ({ label }: PemBlock) => label.endsWith("PRIVATE KEY");
  const isCertificate = ({ label }: PemBlock) => label === "CERTIFICATE";
  // OpenSSL writes parameters in front of keys, which contain them as well.
  const others = blocks.filter(
    (block) => !isKey(block) && !isCertificate(block) && !/^(EC|DSA) PARAMETERS$/.test(block.label),
  );
  return [...blocks.filter(isKey), ...blocks.filter(isCertificate), ...others]
    .map((block) => block.text)
    .join("");
}

const BEGIN = /^(.*?)-----BEGIN ([A-Z0-9 ]{1,40})-----$/;
const END_OF_LINE = /^(.*?)-----END ([A-Z0-9 ]{1,40})-----$/;
const END_BEFORE_ANOTHER = /^(.*?)-----END ([A-Z0-9 ]{1,40})-----.*-----BEGIN /;

/**
 * Finds the end of a block, at the end of the line or before another block. Takes time linear in the line's
 * length.
 */
function endOf(line: string): RegExpExecArray | null {
  const another = line.lastIndexOf("-----BEGIN ");
  return (another > 0 && END_BEFORE_ANOTHER.exec(line.slice(0, another + 11))) || END_OF_LINE.exec(line);
}

class Scanner implements PemText {
  readonly blocks: PemBlock[] = [];
  readonly problems: MailSniError[] = [];
  #open: { label: string; lines: string[] } | null = null;

  readonly #reported = new Set<string>();

  constructor(private readonly text: string) {}

  line(content: string, number: number): void {
    const end = endOf(content);
    const begin = BEGIN.exec(content);
    if (end === null && begin === null) {
      this.#open?.lines.push(content);
      return;
    }
    if (end !== null && begin !== null) this.#report("notSeparated", () => pemErrors.notSeparated(number));
    else if ((end ?? begin)?.[1] !== "")
      this.#report("notInFirstColumn", () => pemErrors.notInFirstColumn(number));
    if (end !== null) this.#close(end[2] as string, number);
    if (begin !== null) this.#begin(begin[2] as string, number);
  }

  end(hasFinalNewline: boolean): void {
    const open = this.#open;
    if (open !== null) this.#report("broken", () => pemErrors.unfinishedBlock(open.label, null));
    if (this.blocks.length === 0) {
      if (this.problems.length === 0) this.#report("noBlock", () => pemErrors.noBlock(whatItIs(this.text)));
    } else if (!hasFinalNewline) {
      this.#report("noFinalNewline", () => pemErrors.noFinalNewline());
    }
  }

  #begin(label: string, number: number): void {
    const open = this.#open;
    if (open !== null) this.#report("broken", () => pemErrors.unfinishedBlock(open.label, number));
    this.#open = { label, lines: [`-----BEGIN ${label}-----`] };
  }

  #close(label: string, number: number): void {
    if (this.#open?.label === label) {
      const [today, ...body] = [LABELS.get(label) ?? label, ...this.#open.lines.slice(1)];
      const lines = [`-----BEGIN ${today}-----`, ...body, `-----END ${today}-----`, ""];
      this.blocks.push({ label: today, text: lines.join("\n") });
    } else {
      this.#report("broken", () => pemErrors.strayEnd(label, number));
    }
    this.#open = null;
  }

  /** Reports the first problem of each kind: the others commonly have the same cause. */
  #report(kind: string, problem: () => MailSniError): void {
    if (this.#reported.has(kind)) return;
    this.#reported.add(kind);
    this.problems.push(problem());
  }
}

/** Labels of old programs, and the present label for the same contents. */
const LABELS: ReadonlyMap<string, string> = new Map([["X509 CERTIFICATE", "CERTIFICATE"]]);

/** The probable format of a text without any PEM block; null if it is unknown. */
function whatItIs(text: string): string | null {
  const trimmed = text.trim();
  if (trimmed.startsWith("PuTTY-User-Key-File")) return "a key of PuTTY";
  if (/^ssh-\S+ |^ecdsa-sha2-\S+ /.test(trimmed)) return "a public key of OpenSSH";
  if (/^(\/|\.{1,2}\/|~\/)[^\n]*$/.test(trimmed)) return "the path of a file";
  if (trimmed.startsWith("0\u0082") || trimmed.startsWith("0\ufffd"))
    return "a binary file (DER or PKCS #12)";
  const isBase64 = /^[A-Za-z0-9+/\s]+={0,2}$/.test(trimmed);
  const isDer = isBase64 && Buffer.from(trimmed, "base64")[0] === 0x30 && trimmed.length > 100;
  return isDer ? "base64 of a binary file (DER or PKCS #12)" : null;
}
