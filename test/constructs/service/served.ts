import { type ServedCertificate, ServedCertificates } from "../../../lib";

/** A certificate of a mail domain for these names, the first of which is the domain. */
export function certificateOf(...names: [string, ...string[]]): ServedCertificate {
  return { name: names[0], names, pem: `PEM of ${names[0]}\n` };
}

/** What a host serves that has these certificates, the first one by default. */
export function served(...certificates: ServedCertificate[]): ServedCertificates {
  const all = new ServedCertificates();
  for (const certificate of certificates) all._add(certificate);
  if (certificates[0] !== undefined) all._setDefault(certificates[0]);
  return all;
}
