import { shortened, subjectOf } from "../../../shared/tls/leaf-wording";
import type { NameViolation } from "../chain/name-constraints";
import type { PathFault } from "../chain/path-faults";
import { type Finding, type FindingCode, finding } from "./finding";

/** The finding about a chain that clients refuse by the extensions of its certificates. */
export function pathFinding(fault: PathFault): Finding {
  const refused = (code: FindingCode, problem: string, remedy: string) =>
    finding("error", code, `Clients refuse the chain: ${problem}.`, remedy);
  const subject = subjectOf(fault.certificate);
  switch (fault.kind) {
    case "unreadable":
      return refused(
        "VERIFY_EXTENSION_UNREADABLE",
        fault.extension === null
          ? `${subject} is not encoded in DER`
          : `the extension ${shortened(fault.extension)} of ${subject} cannot be parsed, or occurs twice`,
        ANOTHER,
      );
    case "critical-extension":
      return refused(
        "VERIFY_EXTENSION_UNKNOWN",
        `${subject} has the critical extension ${shortened(fault.extension)}, which they do not know`,
        "Have the CA issue a certificate without it, or with the extension not marked critical.",
      );
    case "not-a-ca":
      return refused(
        "VERIFY_ISSUER_NOT_A_CA",
        `${subject} has issued ${subjectOf(fault.issued)}, but is not a CA (basic constraints)`,
        BY_A_CA,
      );
    case "may-not-sign":
      return refused(
        "VERIFY_ISSUER_NOT_A_CA",
        `${subject} has issued ${subjectOf(fault.issued)}, but its key usage lacks keyCertSign`,
        BY_A_CA,
      );
    case "other-issuer":
      return refused(
        "VERIFY_ISSUER_MISMATCH",
        `${subject} names another key of its issuer than ${subjectOf(fault.issuer)} has (authority key identifier)`,
        "Send the issuer's certificate that the CA has published for this certificate, or have the CA issue another.",
      );
    case "too-long":
      return refused(
        "VERIFY_PATH_TOO_LONG",
        `${subject} allows ${allowed(fault.allowed)} below it (pathLenConstraint), and there ${fault.found === 1 ? "is" : "are"} ${fault.found}`,
        "Have the certificate issued by a CA that is nearer to the root, or have the intermediate reissued without that limit.",
      );
    case "name":
      return refused(
        "VERIFY_NAME_NOT_PERMITTED",
        `${subject} is for ${shortened(fault.name)}, which ${VIOLATIONS[fault.violation]} ${subjectOf(fault.ca)}`,
        "Have a CA without these name constraints issue the certificate, or leave the name out of it.",
      );
    case "too-many-names":
      return refused(
        "VERIFY_NAME_NOT_PERMITTED",
        `${subject} has more names than can be compared with the name constraints of ${subjectOf(fault.ca)}`,
        "Have a certificate with fewer names issued.",
      );
    case "purpose":
      return refused(
        "VERIFY_NOT_FOR_SERVERS",
        `${subject} is not for TLS servers${fault.isLeaf ? "" : ", nor is what it issues"}: its extended key usage has no serverAuth`,
        fault.isLeaf
          ? "Have one issued for TLS servers."
          : "Have the certificate issued by a CA for TLS servers.",
      );
    case "key-usage":
      return refused(
        "VERIFY_NOT_FOR_SERVERS",
        `${subject} is not for TLS servers: its key usage has no digitalSignature`,
        "Have one issued with digitalSignature, or without a key usage.",
      );
  }
}

function allowed(cas: number): string {
  if (cas === 0) return "no CA";
  return cas === 1 ? "one CA" : `${cas} CAs`;
}

const ANOTHER = "Have the CA issue another.";
const BY_A_CA = "Have the certificate issued by a CA, and deploy it with that CA's chain.";

/** These continue "is for NAME, which", and are followed by the name of the CA. */
const VIOLATIONS: Readonly<Record<NameViolation, string>> = {
  "not-permitted": "is not in the permitted names (name constraints) of",
  excluded: "is in the excluded names (name constraints) of",
  "not-comparable": "cannot be compared with the name constraints of",
};
