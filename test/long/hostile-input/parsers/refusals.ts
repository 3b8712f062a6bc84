import { CliError } from "../../../../lib/cli/errors/cli-error";
import { AcmeFailure } from "../../../../lib/provider/acme/failure";
import { MailSniError } from "../../../../lib/shared/errors";

export const never = () => false;
export const only =
  // biome-ignore lint/suspicious/noExplicitAny: classes of errors with any constructor, private ones too
  (type: any) => (error: unknown) => error instanceof type;
export const mailSni = only(MailSniError);
export const acme = only(AcmeFailure);
export const cli = only(CliError);
