import { parseCertificateName } from "../../../shared/host-name";
import { isUnknown, isWhollyKnown, type Plannable, UNKNOWN } from "../../protocol/values/unknown";
import { readCaCertificate } from "../../x509/issuing-ca";
import { type IssuanceValues, type PlannedIssuance, reasonOfTime, reasonsOfIssuance } from "../issuance";
import { firstReason, type PlannedReason } from "../reissue-reason";

/** The existing certificate, by the state. */
interface Present extends IssuanceValues {
  readonly ca_certificate_pem: string;
  /** The CA's certificate as it was read from `ca_certificate_pem`. */
  readonly chain_pem: string | null;
  readonly names: readonly string[];
}

/** What the configuration wants. */
interface Wanted {
  readonly ca_certificate_pem: Plannable<string>;
  readonly names: Plannable<string[]>;
}

/** Returns the first reason to reissue, or null if the certificate can stay. */
export function reissueReason(present: Present, wanted: Wanted, inputs: PlannedIssuance): PlannedReason {
  return firstReason([
    ["ca", hasOtherCa(present, wanted.ca_certificate_pem)],
    ...reasonsOfIssuance(present, inputs),
    ["names", hasOtherNames(present, wanted.names)],
    reasonOfTime(present),
  ]);
}

/** Whether the certificate is of another CA. The text around the CA's PEM does not matter. */
export function hasOtherCa(
  present: Pick<Present, "ca_certificate_pem" | "chain_pem">,
  wanted: Plannable<string>,
): Plannable<boolean> {
  if (isUnknown(wanted)) return UNKNOWN;
  if (wanted === present.ca_certificate_pem) return false;
  return readCaCertificate(wanted).value?.pem !== present.chain_pem;
}

/** Whether the names differ. Spelling does not matter, nor does the order behind the first. */
function hasOtherNames(present: Present, wanted: Plannable<string[]>): Plannable<boolean> {
  if (!isWhollyKnown<string[]>(wanted)) return UNKNOWN;
  return inOrder(wanted) !== inOrder(present.names);
}

/** The first name, which is the CN, and the others sorted. */
function inOrder(names: readonly string[]): string {
  const [first, ...others] = names.map(parseCertificateName);
  return [first, ...others.sort()].join();
}
