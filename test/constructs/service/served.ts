import { type ServedCertificate, ServedCertificates } from "../../../lib";

/** A certificate of a mail domain for these names, the first of which is the domain. */
export function certificateOf(...names: [string, ...string[]]): ServedCertificate {
  return { name: names[0], names, pem: `PEM of ${names[0]}\n` };
}

/** What a host serves that has these certificates, the first one by default. */
export function served(...certificates: ServedCertificate[]): ServedCertificates {
  return ServedCertificates.of(certificates, certificates[0]);
}
