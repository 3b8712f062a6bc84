/** The lines by which Dovecot includes files: an extended regular expression. No other mail server has such lines. */
export const DOVECOT_INCLUDES = "^[[:space:]]*!include(_try)?[[:space:]]";

/** Whether a service's configuration is that of a Dovecot. */
export function isDovecot(configuration: { readonly includes?: string | null } | null): boolean {
  return configuration?.includes === DOVECOT_INCLUDES;
}
