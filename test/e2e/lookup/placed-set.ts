import { type ServedCertificate, ServedCertificates } from "../../../lib";
import { type CertificatePool, oursLabel } from "./certificate-pool";
import { nameBelow, type RandomSet } from "./random-sets";

/** A random set below a domain of its own, so that many of them are served at once. */
export interface PlacedSet {
  readonly domain: string;
  readonly set: RandomSet;
  readonly certificates: readonly ServedCertificate[];
}

export function placedSets(drawn: readonly RandomSet[], pool: CertificatePool): PlacedSet[] {
  return drawn.map((set, index) => placed(set, `set${index}.test`, pool));
}

/** What clients send, below the set's domain. */
export function askedNames({ set, domain }: PlacedSet): string[] {
  return set.asked.map((name) => nameBelow(name, domain));
}

export function certificatesOf(sets: readonly PlacedSet[], fallback: ServedCertificate): ServedCertificates {
  return ServedCertificates.of([fallback, ...sets.flatMap(({ certificates }) => certificates)], fallback);
}

/** Which of its set's certificates it is. */
export function numberOf(certificate: string): number {
  return Number(/^certificate(\d)/.exec(certificate)?.[1]);
}

function placed(set: RandomSet, domain: string, pool: CertificatePool): PlacedSet {
  const certificates = set.certificates.map((names, index) => ({
    // For paths, and not among the names that are asked for.
    name: `certificate${index}.${domain}`,
    names: names.map((name) => nameBelow(name, domain)),
    pem: pool.pem(oursLabel(index)),
  }));
  return { domain, set, certificates };
}
