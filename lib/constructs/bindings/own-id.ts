/**
 * The id of a construct that the library itself adds to a stack. Programs have other ids: `mail-sni` is one that comes to mind
 * for a `MailSni`.
 */
export function ownId(what: string): string {
  return `cdktf-mail-sni:${what}`;
}
