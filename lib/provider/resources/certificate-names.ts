import { MailSniError } from "../../shared/errors";
import { type CertificateName, parseCertificateName } from "../../shared/host-name";
import { CERTIFICATE } from "../messages/certificates";
import type { Diagnostics } from "../protocol/diagnostics";
import { isUnknown, type Plannable } from "../protocol/values/unknown";
import { reportError } from "./error-reports";

type Names = Plannable<readonly Plannable<string>[]>;

/** Refuses an empty list, invalid names and duplicates. */
export function validateNames(names: Names, diagnostics: Diagnostics): void {
  if (isUnknown(names)) return;
  if (names.length === 0) {
    diagnostics.error(
      CERTIFICATE.noNames,
      "The list is empty. Write the host names that the certificate is for.",
      ["names"],
    );
  }
  validateDistinct({ names }, diagnostics);
}

/** Refuses names that appear twice in the lists, within one or across them. */
export function validateDistinct(
  lists: Readonly<Record<string, Names | null>>,
  diagnostics: Diagnostics,
): void {
  const seen = new Map<CertificateName, string>();
  for (const [attribute, names] of Object.entries(lists)) {
    if (names === null || isUnknown(names)) continue;
    for (const [index, name] of names.entries()) {
      if (isUnknown(name)) continue;
      const path = [attribute, index];
      const parsed = parsedName(name, path, diagnostics);
      if (parsed === null) continue;
      const first = seen.get(parsed);
      if (first !== undefined) {
        diagnostics.error(
          CERTIFICATE.nameTwice,
          `${JSON.stringify(name)} is the same name as ${JSON.stringify(first)}, which is in the list already. ` +
            "Take one of them out.",
          path,
        );
      }
      seen.set(parsed, first ?? name);
    }
  }
}

function parsedName(
  name: string,
  path: readonly (string | number)[],
  diagnostics: Diagnostics,
): CertificateName | null {
  try {
    return parseCertificateName(name);
  } catch (error) {
    if (!(error instanceof MailSniError)) throw error;
    reportError(error, CERTIFICATE.notCertifiable, diagnostics, path);
    return null;
  }
}
