import { createHash } from "node:crypto";
import type { Directory } from "./directory";
import { parseRenewalWindow, type RenewalWindow } from "./documents";
import { AcmeFailure } from "./failure";

/**
 * When the CA wants a certificate to be renewed (RFC 9773 §4.2); null where it does not say, for whatever reason: a plan
 * can do without.
 *
 * @param id of the certificate, as in its resource
 */
export async function suggestedRenewal(directory: Directory, id: string): Promise<Date | null> {
  try {
    const reply = await directory.getSoon(
      ({ renewalInfo }) => renewalInfo && `${renewalInfo.replace(/\/$/, "")}/${id}`,
    );
    return reply?.status === 200 ? timeIn(parseRenewalWindow(reply.url, reply), id) : null;
  } catch (error) {
    if (error instanceof AcmeFailure) return null;
    throw error;
  }
}

/** The CA asks for a random time in its window; one that the certificate decides makes the same plan each time. */
function timeIn({ start, end }: RenewalWindow, id: string): Date {
  const share = createHash("sha256").update(id).digest().readUInt32BE() / 2 ** 32;
  return new Date(+start + share * (+end - +start));
}
