/**
 * A block of a PEM text, in lines of 64 characters (RFC 7468 §2).
 *
 * @param base64 of the DER, on one line
 */
export function pemBlock(label: string, base64: string): string {
  const lines = base64.replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
