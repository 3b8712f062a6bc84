import { createHash } from "node:crypto";
import type { Directory } from "./directory";
import { parseRenewalWindow, type RenewalWindow } from "./documents";
import { AcmeFailure } from "./failure";

/**
 * When the CA suggests to renew a certificate (RFC 9773 §4.2). Null if it does not say or cannot be asked: a
 * plan does not depend on the answer.
 *
 * @param id the certificate's renewal information identifier
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

/**
 * A time in the CA's window. RFC 9773 asks for a random one; here the identifier decides it, so that every
 * plan is the same.
 */
function timeIn({ start, end }: RenewalWindow, id: string): Date {
  const share = createHash("sha256").update(id).digest().readUInt32BE() / 2 ** 32;
  return new Date(+start + share * (+end - +start));
}
