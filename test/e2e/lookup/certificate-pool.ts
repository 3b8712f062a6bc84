import { combinedPem, type IssuedCertificate, issue } from "../../support/certificates";
import { MOST_CERTIFICATES, THEIR_FILES } from "./random-sets";

/**
 * A few certificates that all sets of a run share: what is presented is told apart by whose it is and its number, and
 * every set has the same ones below another domain.
 */
export class CertificatePool {
  static async make(): Promise<CertificatePool> {
    const labels = [
      DEFAULT,
      ...Array.from({ length: MOST_CERTIFICATES }, (_, number) => oursLabel(number)),
      ...Array.from({ length: THEIR_FILES }, (_, number) => theirsLabel(number)),
    ];
    const issued = labels.map(async (label) => [label, await issue({ subject: `CN=${label}` })] as const);
    return new CertificatePool(new Map(await Promise.all(issued)));
  }

  private constructor(private readonly byLabel: ReadonlyMap<string, IssuedCertificate>) {}

  get(label: string): IssuedCertificate {
    const certificate = this.byLabel.get(label);
    if (certificate === undefined) throw new Error(`there is no certificate ${label}`);
    return certificate;
  }

  pem(label: string): string {
    return combinedPem(this.get(label));
  }

  /** @param fingerprint of what a server presented */
  labelOf(fingerprint: string): string {
    for (const [label, certificate] of this.byLabel)
      if (certificate.fingerprint === fingerprint) return label;
    return `the unknown certificate ${fingerprint}`;
  }
}

export const DEFAULT = "default";

export function oursLabel(number: number): string {
  return `ours ${number}`;
}

export function theirsLabel(number: number): string {
  return `theirs ${number}`;
}
