/**
 * Whether a private key in a PEM text is encrypted: as PKCS #8 (RFC 5958 §3), or in OpenSSL's older form (RFC
 * 1421).
 */
export function isEncryptedKey(pem: string): boolean {
  return pem.includes("-----BEGIN ENCRYPTED PRIVATE KEY-----") || /^Proc-Type:.*ENCRYPTED/m.test(pem);
}

/**
 * Replaces each private key in a PEM text, without the line break after it. The rest of the text stays the
 * same.
 */
export function withKeysReplaced(pem: string, replacement: (block: string) => string): string {
  return pem.replace(/-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY)-----[\s\S]*?-----END \1-----/g, (block) =>
    replacement(block),
  );
}
