import { catalogue } from "../../shared/summary";

/** "About certificates" in docs/messages.md. */
export const CERTIFICATE = catalogue({
  unusablePem: (file: string) => `The PEM for ${file} cannot be used`,
  keyNotChecked: (file: string) => `The private key for ${file} was not checked`,
  expiresSoon: (file: string) => `The certificate for ${file} expires soon`,
  refusedBySomeClients: (file: string) => `The PEM for ${file} may fail for some clients`,
  caExpiresSoon: (ca: string) => `The certificate of the CA ${ca} expires soon`,
  caHasExpired: (ca: string) => `The certificate of the CA ${ca} has expired`,
  caIsRenewed: (ca: string) => `The CA ${ca} gets a new certificate`,
  endsWithCa: "The certificate expires with its CA",
  caNotValid: "The CA certificate is not valid now",
  notOfCa: "Not a CA certificate",
  notKeyOfCa: "Not the CA's private key",
  lockedKey: "A private key cannot be decrypted",
  damagedKey: "A private key in the state is damaged",
  notCertifiable: "Not a valid certificate name",
  nameTwice: "Duplicate name",
  noNames: "No names",
  notCommonName: "Not a valid common name",
  hoursOutOfRange: "Hours out of range",
});
