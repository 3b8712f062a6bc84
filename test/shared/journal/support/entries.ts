import type { AccountEntry, CertificateEntry } from "../../../../lib/shared/journal/entry";

const COMMON = {
  id: "00000000000000aa",
  revision: 0,
  stack: "mail",
  state: "1111111111111111",
  isStateSaved: true,
  place: "2222222222222222",
  workspace: "4444444444444444",
  begunAt: "2026-11-29T19:00:00Z",
  directory: "https://ca.test/dir",
  account: "thumbprint",
  key: "-----BEGIN PRIVATE KEY-----\nMIGHAgEA\n-----END PRIVATE KEY-----\n",
} as const;

/** An entry as the provider writes one before the order. */
export function journaledCertificate(more: Partial<CertificateEntry> = {}): CertificateEntry {
  return {
    kind: "certificate",
    ...COMMON,
    names: ["a.test", "imap.a.test"],
    keyAlgorithm: "ECDSA-P256",
    profile: null,
    reissue: null,
    replaces: null,
    publicKey: "0a".repeat(32),
    reusesKey: false,
    order: null,
    leaf: null,
    ...more,
  };
}

export function journaledAccount(more: Partial<AccountEntry> = {}): AccountEntry {
  return { kind: "account", ...COMMON, externalAccount: null, ...more };
}
