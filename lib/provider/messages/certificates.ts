import { catalogue } from "../../shared/summary";

/** "About certificates" in docs/operations.md. */
export const CERTIFICATE = catalogue({
  unusablePem: (file: string) => `The PEM for ${file} cannot be used`,
  keyNotChecked: (file: string) => `The private key for ${file} was not looked at`,
  expiresSoon: (file: string) => `The certificate for ${file} expires soon`,
  refusedBySomeClients: (file: string) => `The PEM for ${file} may not work for every client`,
  caExpiresSoon: (ca: string) => `The certificate of the CA ${ca} expires soon`,
  caHasExpired: (ca: string) => `The certificate of the CA ${ca} has expired`,
  caIsRenewed: (ca: string) => `The CA ${ca} gets a new certificate`,
  endsWithCa: "The certificate ends with its CA",
  caNotValid: "The CA is not valid now",
  notOfCa: "Not the certificate of a CA",
  notKeyOfCa: "Not the private key of the CA",
  lockedKey: "A private key that cannot be opened",
  notCertifiable: "Not a name that a certificate can be for",
  nameTwice: "A name twice",
  noNames: "No names",
  notCommonName: "Not a common name",
  hoursOutOfRange: "Not a possible number of hours",
});
