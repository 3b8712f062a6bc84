import type { Check } from "../../examination/check";
import { failure, well } from "../../examination/finding";
import { AuthorityFailure, type CertificateAuthority } from "./certificate-authority";

export const acmeDirectory: Check<CertificateAuthority> = {
  id: "acme-directory",
  looksAt: "the directory URL of each ACME CA",
  reports: "not reachable, not trusted, not that of an ACME server",
  async findings(authority) {
    try {
      await authority.identities();
      return [well("it answers")];
    } catch (error) {
      if (!(error instanceof AuthorityFailure)) throw error;
      return [failure(error.message, error.remedy)];
    }
  },
};
