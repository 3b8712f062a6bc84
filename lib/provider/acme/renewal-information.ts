import { createHash } from "node:crypto";
import type { Directory } from "./directory";

interface RenewalInformation {
  readonly suggestedWindow?: { readonly start?: unknown; readonly end?: unknown };
}

/**
 * When the CA wants a certificate to be renewed (RFC 9773 §4.2); null where it does not say, for whatever reason: a plan
 * can do without.
 *
 * @param id of the certificate, as in its resource
 */
export async function suggestedRenewal(directory: Directory, id: string): Promise<Date | null> {
  const { renewalInformation: timeoutMs } = directory.patience;
  try {
    const { renewalInfo } = await directory.document(timeoutMs);
    if (renewalInfo === undefined) return null;
    const { status, body } = await directory.send({ method: "GET", url: `${renewalInfo}/${id}`, timeoutMs });
    return status === 200 ? timeIn(JSON.parse(body) as RenewalInformation, id) : null;
  } catch {
    return null;
  }
}

/** The CA asks for a random time in its window; one that the certificate decides makes the same plan each time. */
function timeIn({ suggestedWindow }: RenewalInformation, id: string): Date | null {
  const [start, end] = [suggestedWindow?.start, suggestedWindow?.end].map((time) => Date.parse(String(time)));
  if (start === undefined || end === undefined || !(start < end)) return null;
  const share = createHash("sha256").update(id).digest().readUInt32BE() / 2 ** 32;
  return new Date(start + share * (end - start));
}
