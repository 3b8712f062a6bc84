import { pairOf } from "../../adoption/certificate-pair";
import { Unadoptable } from "../../adoption/local-file";
import type { KeyPassphrases } from "../../keys/key-passphrases";
import { ACME } from "../../messages/acme";
import type { Diagnostics } from "../../protocol/diagnostics";
import type { Outcome } from "../../protocol/resource";
import { privateKeyPem } from "../../x509/key-algorithm";
import { isOfAcmeProvider, sourceText, sourceUrl } from "../acme-provider";
import { foreignState } from "./foreign-state";
import type { Attributes } from "./schema";

/** Whether it is a resource of the provider vancluever/acme that is a certificate. */
export function isAcmeCertificate(typeName: string, providerAddress: string): boolean {
  return typeName === "acme_certificate" && isOfAcmeProvider(providerAddress);
}

/** The certificate of an `acme_certificate`. Null after an error. */
export function movedCertificate(
  source: Readonly<Record<string, unknown>>,
  passphrases: KeyPassphrases,
  diagnostics: Diagnostics,
): Outcome<Attributes> | null {
  try {
    if (typeof source.certificate_request_pem === "string" && source.certificate_request_pem !== "")
      throw new Unadoptable(
        "It was ordered with a certificate request (certificate_request_pem), so its state has no private key. Let the " +
          "printed stack adopt its files instead (adoptFrom).",
      );
    const { origin } = sourceUrl(source, "certificate_url");
    const issuer =
      typeof source.issuer_pem === "string" && source.issuer_pem !== ""
        ? sourceText(source, "issuer_pem")
        : "";
    const texts = {
      certificates: `${sourceText(source, "certificate_pem").trimEnd()}\n${issuer}`,
      certificate: "certificate_pem",
      key: sourceText(source, "private_key_pem"),
      keyPlace: "private_key_pem",
    };
    const pair = pairOf(texts, passphrases);
    return { state: foreignState(pair, origin, privateKeyPem(pair.key)) };
  } catch (error) {
    if (!(error instanceof Unadoptable)) throw error;
    diagnostics.error(ACME.notMoved, error.message);
    return null;
  }
}
