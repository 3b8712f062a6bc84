import { catalogue } from "../../shared/summary";

/**
 * "About certificates of an ACME CA" in docs/messages.md. `names` is empty, or a colon and the names that
 * the message is about.
 */
export const ACME = catalogue({
  noAccount: "The ACME account was not created",
  accountClosedByCa: "The CA has closed the account",
  contactNotChanged: "The account's contact was not changed",
  accountNotClosed: "The account was not closed",
  noCertificate: (domain: string, names: string) => `No certificate for ${domain}${names}`,
  noNewCertificate: (domain: string, names: string) => `No new certificate for ${domain}${names}`,
  notAdopted: (domain: string) => `The certificate for ${domain} was not adopted`,
  halfAdoption: "Incomplete adoption",
  notFilePath: "Not the path of a file",
  accountNotAdopted: "The account was not adopted",
  twoAccountKeys: "Two account keys",
  notImported: "Nothing was imported",
  notMoved: "The resource of the other provider was not moved",
  notRenewed: (domain: string, names: string) => `The certificate for ${domain} was not renewed${names}`,
  mayExpireBetweenRuns: (domain: string) => `The certificate for ${domain} may expire between two runs`,
  renewalTimeIgnored: (domain: string) => `The CA's renewal time for ${domain} is ignored`,
  namesDroppedNext: "The next certificate will omit names",
  namesDropped: "The new certificate omits names",
  challengeLeft: "A challenge was not removed",
  chainNotOffered: "The preferred chain is not offered",
  notRevoked: "The certificate was not revoked",
  notDirectoryUrl: "Not an ACME directory URL",
  notCertificate: "Not a certificate",
  notAccountKey: "Not a valid account key",
  halfExternalAccount: "Incomplete external account",
  cannotCloseAccount: "The account could not be closed on destroy",
  notEmail: "Not an e-mail address",
  notOneChallenge: "Exactly one challenge is required",
  notHost: "Not a host of the provider",
  noHost: "No host for the challenge",
  noProgram: "The hook has no program",
  wildcardNotPossible: "A wildcard is not possible here",
  notSeconds: "Seconds out of range",
  notOrders: "Orders out of range",
  notFraction: "Fraction out of range",
  notDnsServer: "Not a DNS server address",
});
