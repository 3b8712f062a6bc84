import { type KeyObject, X509Certificate } from "node:crypto";
import { AcmeClient } from "./client";
import type { Directory } from "./directory";
import { AcmeFailure } from "./failure";
import { JwsSigner } from "./jws";

/** The revocation reasons (RFC 5280 §5.3.1) that subscribers may give. */
const REVOCATION_REASONS = {
  unspecified: 0,
  keyCompromise: 1,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
} as const;

export type RevocationReason = keyof typeof REVOCATION_REASONS;

export const REVOCATION_REASON_NAMES = Object.keys(REVOCATION_REASONS) as readonly RevocationReason[];

/** Revokes a certificate, authorised by its own key. Does nothing if it is already revoked. @throws {AcmeFailure} */
export async function revoke(
  directory: Directory,
  pem: string,
  key: KeyObject,
  reason: RevocationReason,
): Promise<void> {
  const { revokeCert } = await directory.document();
  if (revokeCert === undefined) {
    throw new AcmeFailure("The CA does not support revocation.", "Remove revoke_on_destroy.");
  }
  const certificate = new X509Certificate(pem).raw.toString("base64url");
  const client = new AcmeClient(directory, new JwsSigner(key));
  try {
    await client.post(revokeCert, { certificate, reason: REVOCATION_REASONS[reason] }, null);
  } catch (error) {
    if (!(error instanceof AcmeFailure) || error.problem?.kind !== "alreadyRevoked") throw error;
  }
}
