/** A certificate that a resource has installed on a host, according to the state. */
export interface InstalledCertificate {
  /** Whether it is the one for clients without SNI, or with an unlisted name. */
  readonly isDefault: boolean;
  /** The host names that it must be presented for, without wildcards and optional names. */
  readonly names: readonly string[];
  /** By service: SHA-256 of the leaf, as in `CertificateFacts`. */
  readonly leaves: Readonly<Record<string, string>>;
}

/**
 * What the resources of this state have installed on one host. A data source cannot refer to a certificate that the same
 * plan renews: its fingerprint is unknown, so the engine would defer reading the data source until the apply. What was
 * installed by the last apply is known in every plan, and is what the host has to serve until the next one.
 */
export class InstalledCertificates {
  readonly #read = new Map<string, InstalledCertificate>();
  /** Null for a resource with a pending change. */
  readonly #planned = new Map<string, InstalledCertificate | null>();

  /** @param id of the resource */
  noteRead(id: string, certificate: InstalledCertificate): void {
    this.#read.set(id, certificate);
  }

  /**
   * @param id of the resource
   * @param certificate null if the plan changes the resource: its apply confirms what is served afterwards
   */
  notePlanned(id: string, certificate: InstalledCertificate | null): void {
    this.#planned.set(id, certificate);
  }

  /**
   * The certificates that no pending change affects, in the order of their first names. An engine that only refreshes
   * plans nothing: then it is all that it has read.
   */
  get settled(): readonly InstalledCertificate[] {
    const noted = this.#planned.size > 0 ? this.#planned : this.#read;
    return [...noted.values()].flatMap((one) => one ?? []).sort(byFirstName);
  }
}

/** The default certificate comes first. */
function byFirstName(one: InstalledCertificate, other: InstalledCertificate): number {
  return sortKey(one) < sortKey(other) ? -1 : 1;
}

function sortKey({ isDefault, names }: InstalledCertificate): string {
  return isDefault ? "" : (names[0] ?? "");
}
