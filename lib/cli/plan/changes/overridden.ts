/** What the provider says of names, and of the default, for which a server's own configuration selects another certificate. */
const OVERRIDDEN = " instead of that in ";

/**
 * Whether another part of the server's configuration overrides a name or the default certificate: as long as it does, an apply
 * fails, and changes nothing for it. Other pending activations end with an apply.
 *
 * @param pending in the provider's words
 */
export function isOverridden(pending: string): boolean {
  return pending.includes(OVERRIDDEN);
}
