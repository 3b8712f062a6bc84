/** The bytes of which JSON is made. */
export const ASCII = {
  QUOTE: 0x22,
  COMMA: 0x2c,
  COLON: 0x3a,
  BACKSLASH: 0x5c,
  OPEN_BRACKET: 0x5b,
  CLOSE_BRACKET: 0x5d,
  OPEN_BRACE: 0x7b,
  CLOSE_BRACE: 0x7d,
} as const;

const SPACES: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0d, 0x20]);

export function isSpace(byte: number | undefined): boolean {
  return byte !== undefined && SPACES.has(byte);
}
