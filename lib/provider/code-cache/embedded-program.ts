/** A program as text, and the SHA-256 of it in hexadecimal digits. */
export interface EmbeddedProgram {
  readonly source: string;
  readonly digest: string;
}

/** Joined here, so that the text of this code does not have it. */
const BEGIN = ["", "/*program sha256:"].join("\n");
const END = "\n*/\n";
const DIGEST_DIGITS = 64;

/** What would end the comment, and what stands for it there: no source has that character in it. */
const [CLOSING, CLOSING_EMBEDDED] = ["*/", "*\u0001/"];

/**
 * One file of two programs: `start` as it is, and the other in a comment behind it, which Node.js skips instead of parsing it.
 *
 * @throws Error for a program that would not be the same after it was read with {@link embeddedIn}
 */
export function withEmbedded(start: string, { source, digest }: EmbeddedProgram): string {
  const text = `${start.trimEnd()}${BEGIN}${digest}\n${source.replaceAll(CLOSING, CLOSING_EMBEDDED)}${END}`;
  const found = embeddedIn(text);
  if (!IS_ASCII.test(text) || found?.source !== source || found.digest !== digest)
    throw new Error(
      "The program cannot be embedded: write characters beyond ASCII as escapes, such as \\u2019.",
    );
  return text;
}

/** Node.js keeps such a text in half the memory, and decodes it without looking at each byte. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
const IS_ASCII = /^[\x00-\x7f]*$/;

/** The program in the text of a file; null where there is none. */
export function embeddedIn(text: string): EmbeddedProgram | null {
  const at = text.indexOf(BEGIN);
  if (at < 0 || !text.endsWith(END)) return null;
  const digestAt = at + BEGIN.length;
  const sourceAt = digestAt + DIGEST_DIGITS + 1;
  return {
    digest: text.slice(digestAt, digestAt + DIGEST_DIGITS),
    source: text.slice(sourceAt, text.length - END.length).replaceAll(CLOSING_EMBEDDED, CLOSING),
  };
}
