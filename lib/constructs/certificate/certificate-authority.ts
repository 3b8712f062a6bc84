import { Token } from "cdktf";
import {
  DEFAULT_PROFILE,
  isPublicName,
  LETS_ENCRYPT_DIRECTORY,
  LETS_ENCRYPT_STAGING_DIRECTORY,
  MOST_NAMES,
} from "../../shared/acme/lets-encrypt";
import { acmeErrors, ruleErrors } from "../../shared/errors";
import type { CertificateRequest } from "./certificate";

/** An ACME CA. */
export interface CertificateAuthority {
  /** URL of the ACME directory. */
  readonly url: string;
  /** Whether the limits of Let's Encrypt apply. */
  readonly isLetsEncrypt: boolean;
}

export const LETS_ENCRYPT: CertificateAuthority = { url: LETS_ENCRYPT_DIRECTORY, isLetsEncrypt: true };
export const LETS_ENCRYPT_STAGING: CertificateAuthority = {
  url: LETS_ENCRYPT_STAGING_DIRECTORY,
  isLetsEncrypt: true,
};

/**
 * Any other CA.
 *
 * @throws MailSniError `ACME_DIRECTORY`
 */
export function otherAuthority(url: string): CertificateAuthority {
  if (!Token.isUnresolved(url) && !/^https:\/\/[^/]/.test(url)) throw acmeErrors.directoryInvalid(url);
  return { url, isLetsEncrypt: false };
}

/** @throws MailSniError `ACME_CONTACT` */
export function checkContact(contact: string | undefined): void {
  if (contact === undefined || Token.isUnresolved(contact)) return;
  if (!/^(?!mailto:)[^\s@,?]+@[^\s@,?]+$/.test(contact)) throw acmeErrors.contactInvalid(contact);
}

/**
 * Refuses empty texts, which the CA would get as they are.
 *
 * @param texts by the member of the properties that has them
 * @throws MailSniError `ACME_EMPTY_TEXT`
 */
export function refuseEmptyTexts(texts: Readonly<Record<string, string | undefined>>): void {
  for (const [member, text] of Object.entries(texts)) if (text === "") throw acmeErrors.emptyText(member);
}

/** What decides whether a CA issues a certificate. */
export interface IssuingOptions {
  readonly isHttp: boolean;
  readonly profile?: string;
}

/**
 * Checks whether a CA issues a certificate for these names, as far as its limits are known.
 *
 * @throws MailSniError `SNI010`, `SNI011`, `SNI012`
 */
export function checkIssuable(
  { domain, names }: Pick<CertificateRequest, "domain" | "names">,
  { isLetsEncrypt }: CertificateAuthority,
  { isHttp, profile = DEFAULT_PROFILE }: IssuingOptions,
): void {
  const wildcard = names.find((name) => name.startsWith("*."));
  if (wildcard !== undefined && isHttp) throw ruleErrors.wildcardOverHttp(wildcard);
  if (!isLetsEncrypt) return;
  const inside = names.filter((name) => !isPublicName(name));
  if (inside.length > 0) throw ruleErrors.namesNotPublic(inside);
  const most = MOST_NAMES.get(profile);
  if (most !== undefined && names.length > most)
    throw ruleErrors.tooManyNames(domain, names.length, profile, most);
}
