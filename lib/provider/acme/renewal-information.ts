import { createHash } from "node:crypto";
import type { Directory } from "./directory";
import { parseDate, parseRenewalWindow, type RenewalWindow } from "./documents";
import { AcmeFailure } from "./failure";

/** When a CA suggests to renew a certificate (RFC 9773 §4.2). */
export interface SuggestedRenewal {
  readonly at: Date;
  /** Where the CA says why; null if it does not. */
  readonly explanationUrl: string | null;
  /** When the CA said so, by its clock, or earlier if the answer is from a cache; null if it does not say. */
  readonly saidAt: Date | null;
}

/**
 * When the CA suggests to renew a certificate. Null if it does not say or cannot be asked: a plan does not depend on the
 * answer.
 *
 * @param id the certificate's renewal information identifier
 */
export async function suggestedRenewal(directory: Directory, id: string): Promise<SuggestedRenewal | null> {
  try {
    const known = await renewalInformation(directory, id);
    return typeof known === "string" ? null : known;
  } catch (error) {
    if (error instanceof AcmeFailure) return null;
    throw error;
  }
}

/**
 * What the CA says of a certificate: when to renew it, that it did not issue it, or nothing because the CA has no renewal
 * information at all.
 *
 * @param id the certificate's renewal information identifier
 * @throws {AcmeFailure} if the CA cannot be asked
 */
export async function renewalInformation(
  directory: Directory,
  id: string,
): Promise<SuggestedRenewal | "not issued here" | "not offered"> {
  const reply = await directory.getSoon(
    ({ renewalInfo }) => renewalInfo && `${renewalInfo.replace(/\/$/, "")}/${id}`,
  );
  if (reply === null) return "not offered";
  if (reply.status === 200) {
    const window = parseRenewalWindow(reply.url, reply);
    return {
      at: timeIn(window, id),
      explanationUrl: window.explanationUrl,
      saidAt: parseDate(reply) ?? null,
    };
  }
  if (NOT_ISSUED_HERE.includes(reply.status)) return "not issued here";
  throw new AcmeFailure(
    `The CA did not say whether it has issued a certificate: it answered with status ${reply.status} for ${reply.url}.`,
    "Try again later.",
  );
}

/** Of a certificate that they do not know, or of an issuer that is not theirs, CAs say one or the other. */
const NOT_ISSUED_HERE: readonly number[] = [400, 404];

/**
 * A time in the CA's window. RFC 9773 asks for a random one; here the identifier decides it, so that every
 * plan is the same.
 */
function timeIn({ start, end }: RenewalWindow, id: string): Date {
  const share = createHash("sha256").update(id).digest().readUInt32BE() / 2 ** 32;
  return new Date(+start + share * (+end - +start));
}
