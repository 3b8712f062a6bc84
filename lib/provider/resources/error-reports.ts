import type { MailSniError } from "../../shared/errors";
import type { Summary } from "../../shared/summary";
import { AcmeFailure } from "../acme/failure";
import type { Diagnostics } from "../protocol/diagnostics";
import type { AttributePath } from "../protocol/schema/attribute-path";

/** Adds an `AcmeFailure` to the diagnostics; throws any other error again. */
export function reportFailure(
  error: unknown,
  summary: Summary | ((failure: AcmeFailure) => Summary),
  diagnostics: Diagnostics,
): void {
  if (!(error instanceof AcmeFailure)) throw error;
  const title = typeof summary === "string" ? summary : summary(error);
  diagnostics.error(title, `${error.message} ${error.remedy}`);
}

/** Adds an error of the constructs to the diagnostics, with its remedy. */
export function reportError(
  error: MailSniError,
  summary: Summary,
  diagnostics: Diagnostics,
  path: AttributePath,
): void {
  diagnostics.error(summary, error.message, path);
}
