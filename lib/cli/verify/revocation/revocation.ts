import type { X509Certificate } from "node:crypto";
import { madeOnce } from "../../../shared/made-once";
import { shortened, subjectOf } from "../../../shared/tls/leaf-wording";
import { fingerprintsOf, type Presentation } from "../../../shared/tls/presentation";
import { chainOf } from "../chain/chain";
import type { TrustStore } from "../chain/trust-store";
import { type Finding, finding } from "../judgement/finding";
import { distributionPoints } from "./distribution-points";
import type { Download } from "./download";
import { RevocationList, type Revoked, UnusableList } from "./revocation-list";

export interface RevocationOptions {
  readonly download: Download;
  /**
   * Called with each URL whose list cannot be used.
   *
   * @default - not called
   */
  readonly forget?: (url: string) => void;
  readonly trust: TrustStore;
  /** The current time. */
  readonly at: Date;
}

/** After so many failures in a row, no more lists are downloaded from a server. */
const MOST_FAILURES = 2;

/** Checks chains against the lists that their CAs publish. Each list is fetched once. */
export class Revocation {
  readonly #lists = new Map<string, Promise<RevocationList>>();
  readonly #findings = new Map<string, Promise<readonly Finding[]>>();
  readonly #failures = new Map<string, number>();

  constructor(private readonly options: RevocationOptions) {}

  /**
   * Checks only chains that lead to a trusted root, and that their extensions allow. Any other chain is reported already, and its
   * URLs cannot be trusted.
   */
  findings(certificates: Presentation["certificates"]): Promise<readonly Finding[]> {
    return madeOnce(this.#findings, fingerprintsOf(certificates), () => this.#checked(certificates));
  }

  async #checked(certificates: Presentation["certificates"]): Promise<readonly Finding[]> {
    const { trust, at } = this.options;
    const { root, path, faults } = chainOf(certificates, trust, at);
    if (root === null || faults.length > 0) return [];
    const findings: Finding[] = [];
    for (const [index, certificate] of path.entries()) {
      if (trust.has(certificate)) break;
      findings.push(...(await this.#findingsOf(certificate, path[index + 1] ?? root)));
    }
    return findings;
  }

  async #findingsOf(certificate: X509Certificate, issuer: X509Certificate): Promise<Finding[]> {
    const urls = distributionPoints(certificate);
    if (urls.length === 0) return [withoutList(certificate)];
    let reason = "";
    for (const url of urls) {
      try {
        const list = await this.#list(url);
        list.check(certificate, issuer, url, this.options.at);
        const revoked = list.revoked(certificate);
        return revoked === null ? [] : [revokedFinding(certificate, revoked)];
      } catch (error) {
        if (!(error instanceof UnusableList)) throw error;
        this.options.forget?.(url);
        reason = `The list at ${shortened(url)} ${error.message}`;
      }
    }
    return [unknown(certificate, reason)];
  }

  #list(url: string): Promise<RevocationList> {
    return madeOnce(this.#lists, url, () => this.#fetched(url));
  }

  async #fetched(url: string): Promise<RevocationList> {
    const { host } = new URL(url);
    const failures = this.#failures.get(host) ?? 0;
    if (failures >= MOST_FAILURES)
      throw new UnusableList("was not fetched, since others failed there before");
    try {
      const der = await this.options.download(url);
      this.#failures.delete(host);
      return new RevocationList(der);
    } catch (error) {
      if (error instanceof UnusableList) this.#failures.set(host, failures + 1);
      throw error;
    }
  }
}

/** CRLReason (RFC 5280 §5.3.1). */
const REASONS: Readonly<Record<number, string>> = {
  1: "key compromise",
  2: "CA compromise",
  3: "affiliation changed",
  4: "superseded",
  5: "cessation of operation",
  6: "certificate hold",
  9: "privilege withdrawn",
  10: "AA compromise",
};

function revokedFinding(certificate: X509Certificate, { at, reason }: Revoked): Finding {
  const why = REASONS[reason ?? 0];
  return finding(
    "error",
    "VERIFY_REVOKED",
    `The certificate ${subjectOf(certificate)} was revoked by its CA on ${at.toISOString().slice(0, 10)}${why === undefined ? "" : ` (${why})`}.`,
    "Have another issued with a new key, and deploy it; where one has been issued since, reload the server.",
  );
}

function unknown(certificate: X509Certificate, reason: string): Finding {
  return finding(
    "warning",
    "VERIFY_REVOCATION_UNKNOWN",
    `Whether ${subjectOf(certificate)} is revoked is not known. ${reason}.`,
    "Check that this machine reaches the CA over HTTP, and run the command again.",
  );
}

function withoutList(certificate: X509Certificate): Finding {
  return finding(
    "note",
    "VERIFY_REVOCATION_UNKNOWN",
    `Whether ${subjectOf(certificate)} is revoked is not known: it names no list of revoked certificates.`,
    "Nothing has to be done: CAs name none in certificates that end soon, and private CAs often have none.",
  );
}
