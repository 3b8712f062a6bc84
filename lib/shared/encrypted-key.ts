/** Whether a private key of a PEM text is encrypted: as PKCS #8 (RFC 5958 §3), or as OpenSSL did it before (RFC 1421). */
export function isEncryptedKey(pem: string): boolean {
  return pem.includes("-----BEGIN ENCRYPTED PRIVATE KEY-----") || /^Proc-Type:.*ENCRYPTED/m.test(pem);
}

/** A PEM text with something else in the place of each private key, without the line break behind it; all else is as it was. */
export function withKeysReplaced(pem: string, replacement: (block: string) => string): string {
  return pem.replace(/-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY)-----[\s\S]*?-----END \1-----/g, (block) =>
    replacement(block),
  );
}
