import type { X509Certificate } from "node:crypto";

/** The trusted root certificates. */
export class TrustStore {
  readonly #bySubject = new Map<string, X509Certificate[]>();
  readonly #fingerprints = new Set<string>();

  constructor(roots: Iterable<X509Certificate>) {
    for (const root of roots) {
      this.#fingerprints.add(root.fingerprint256);
      const same = this.#bySubject.get(root.subject);
      if (same) same.push(root);
      else this.#bySubject.set(root.subject, [root]);
    }
  }

  has({ fingerprint256 }: X509Certificate): boolean {
    return this.#fingerprints.has(fingerprint256);
  }

  /** The roots with a subject, which may have issued a certificate that names it as its issuer. */
  withSubject(subject: string): readonly X509Certificate[] {
    return this.#bySubject.get(subject) ?? [];
  }
}
