import { X509Certificate } from "node:crypto";
import { type CertificateFacts, certificateFacts, hasDates } from "../../../shared/certificate-facts";
import { inspectCombinedPem } from "../../../shared/combined-pem";
import { certificateErrors, type MailSniError } from "../../../shared/errors";
import { covers, type HostName } from "../../../shared/host-name";
import type { HostFacts } from "../host/read-host";
import type { Pair } from "../layouts/server";

/** What is in a file that is to hold certificates. */
export interface FoundCertificate {
  readonly path: string;
  /** The first certificate; null if no certificate can be read. */
  readonly leaf: CertificateFacts | null;
  /** What would keep a server from presenting it, or a client from accepting it. */
  readonly problems: readonly MailSniError[];
}

/** The certificates of a host. Each file is inspected once, and each leaf read once, whatever the number of files that have it. */
export class Certificates {
  readonly #found = new Map<string, FoundCertificate | null>();
  readonly #leaves = new Map<string, CertificateFacts | null>();

  constructor(
    private readonly facts: Pick<HostFacts, "pems" | "publicKeys" | "listing">,
    private readonly at: Date,
  ) {}

  /** Null if the file is not there, or was not read. */
  find(path: string): FoundCertificate | null {
    const known = this.#found.get(path);
    if (known !== undefined) return known;
    const found = this.#look(path);
    this.#found.set(path, found);
    return found;
  }

  leafAt(path: string | undefined): CertificateFacts | null {
    return path === undefined ? null : (this.find(path)?.leaf ?? null);
  }

  /** Whether the private key belongs to the leaf; undefined if one of them is not known. */
  fits({ certificate, key }: Pair): boolean | undefined {
    const leaf = this.leafAt(certificate);
    const hash = key === null ? undefined : this.facts.publicKeys.get(key);
    return leaf === null || hash === undefined ? undefined : hash === leaf.spkiSha256;
  }

  #look(path: string): FoundCertificate | null {
    const pem = this.facts.pems.get(path);
    if (pem === undefined) return null;
    const broken = pem.broken > 0 ? [certificateErrors.unreadableCertificate(1, pem.broken)] : [];
    if (pem.certificates.length === 0)
      return { path, leaf: null, problems: broken.length > 0 ? broken : [certificateErrors.noCertificate()] };
    const inspection = inspectCombinedPem(pem.certificates.join(""), {
      names: [],
      at: this.at,
      withKey: false,
    });
    const leaf = this.#leafOf(pem.certificates[0] as string);
    return { path, leaf, problems: [...broken, ...(inspection.ok ? [] : inspection.problems)] };
  }

  #leafOf(pem: string): CertificateFacts | null {
    let leaf = this.#leaves.get(pem);
    if (leaf === undefined) {
      leaf = readLeaf(pem);
      this.#leaves.set(pem, leaf);
    }
    return leaf;
  }
}

function readLeaf(pem: string): CertificateFacts | null {
  try {
    const facts = certificateFacts(new X509Certificate(pem), pem);
    return hasDates(facts) ? facts : null;
  } catch {
    return null;
  }
}

/** Whether clients that ask for the name accept the certificate. */
export function isFor(leaf: CertificateFacts, name: string): boolean {
  return covers(leaf.dnsNames, name as HostName);
}
