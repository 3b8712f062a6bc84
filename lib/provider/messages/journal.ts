import { catalogue } from "../../shared/summary";

/** "About the issuance journal" in docs/messages.md. */
export const JOURNAL = catalogue({
  unusable: "The issuance journal cannot be written",
  ignored: "A file in the issuance journal was ignored",
  locked: (domain: string) => `The key of a killed run for ${domain} cannot be decrypted`,
  unfinished: (domain: string) => `The CA has not finished the former order for ${domain}`,
  held: "Another run still works on the certificates of this stack",
  notPlace: "Not a place for the issuance journal",
});
