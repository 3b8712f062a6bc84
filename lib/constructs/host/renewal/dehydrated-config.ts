import { Token } from "cdktf";
import { dehydratedErrors } from "../../../shared/errors";
import { shellQuote } from "../../../shared/transport/shell-quote";
import type { RenewalFiles } from "./renewal-files";

/** The settings of dehydrated that an issuer decides. */
export interface DehydratedSettings {
  /** URL of the CA's ACME directory. */
  readonly directoryUrl: string;
  /** How names are proven. */
  readonly challenge: ChallengeSettings;
  readonly contact?: string;
  /** dehydrated's name of the algorithm: `rsa`, `prime256v1` or `secp384r1`. */
  readonly keyAlgorithm: string;
  /** The size of RSA keys in bits, that of the account's key included. */
  readonly keySize: number;
  readonly reuseKey: boolean;
  readonly renewBeforeDays: number;
  readonly preferredChain?: string;
  readonly profile?: string;
  readonly ipVersion?: string;
  readonly orderTimeoutSeconds?: number;
  readonly externalAccount?: { readonly keyId: string; readonly hmacKeyFile: string };
  /** CA certificates (PEM) that the ACME server is verified against. */
  readonly caCertificate?: string;
}

/** The directory of the tokens (http-01), or the program that makes TXT records (dns-01). */
export interface ChallengeSettings {
  readonly wellKnown?: string;
  readonly hook?: string;
  readonly chain?: boolean;
}

/**
 * dehydrated's `config`, which bash sources as root: every value is quoted.
 *
 * The names are those of dehydrated 0.7.0 (`docs/examples/config`); `ACME_PROFILE` and `ORDER_TIMEOUT` are those of 0.7.2, which
 * earlier versions ignore.
 *
 * @throws MailSniError `DEHYDRATED_VALUE` for a value that dehydrated cannot take, `DEHYDRATED_NOT_LITERAL`
 */
export function dehydratedConfig(settings: DehydratedSettings, files: RenewalFiles): string {
  const { challenge, externalAccount, caCertificate } = settings;
  const values: Readonly<Record<string, string | undefined>> = {
    BASEDIR: files.workDirectory,
    DOMAINS_TXT: files.domainsTxt,
    HOOK: files.program,
    CA: jsonText("The directory's URL", settings.directoryUrl),
    CHALLENGETYPE: challenge.wellKnown === undefined ? "dns-01" : "http-01",
    // Not the web server's: its user could have dehydrated follow links. The program copies the tokens there.
    WELLKNOWN: challenge.wellKnown && files.tokens,
    HOOK_CHAIN: challenge.chain ? "yes" : undefined,
    CONTACT_EMAIL: jsonText("The contact", settings.contact),
    KEY_ALGO: settings.keyAlgorithm,
    KEYSIZE: `${settings.keySize}`,
    PRIVATE_KEY_RENEW: settings.reuseKey ? "no" : "yes",
    RENEW_DAYS: `${settings.renewBeforeDays}`,
    PREFERRED_CHAIN: lineOfText("The preferredChain", settings.preferredChain),
    ACME_PROFILE: jsonText("The profile", settings.profile),
    IP_VERSION: settings.ipVersion,
    ORDER_TIMEOUT: settings.orderTimeoutSeconds?.toString(),
    // dehydrated splits the value at blanks. The path has none.
    CURL_OPTS: [LIMITS, ...(caCertificate === undefined ? [] : [`--cacert ${files.caCertificate}`])].join(
      " ",
    ),
    EAB_KID: jsonText("The keyId", externalAccount?.keyId),
  };
  const lines = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${shellQuote(value)}\n`],
  );
  return [HEAD, ...lines, externalAccount === undefined ? "" : hmacKey(externalAccount.hmacKeyFile)].join("");
}

/** In seconds. Without them a connection that stalls would hold back all later renewals. */
const LIMITS = "--connect-timeout 60 --max-time 600";

const HEAD = "# Managed by mail-sni: the next deploy overwrites changes. bash reads this file.\n";

/** Reads the key where there is one: it is needed only until the account exists. */
function hmacKey(path: string): string {
  const file = shellQuote(path);
  return `if [[ -r ${file} ]]; then EAB_HMAC_KEY="$(< ${file})"; fi\n`;
}

/**
 * A value that dehydrated puts into JSON, or hands to curl, as it is. Quotes and backslashes would end it there.
 */
function jsonText(what: string, value: string | undefined): string | undefined {
  return checkValue(what, value, /^[!#-[\]-~]+$/);
}

function lineOfText(what: string, value: string | undefined): string | undefined {
  return checkValue(what, value, /^[^\p{Cc}]+$/u);
}

function checkValue(what: string, value: string | undefined, allowed: RegExp): string | undefined {
  if (value === undefined) return undefined;
  if (Token.isUnresolved(value)) throw dehydratedErrors.notLiteral(what);
  if (!allowed.test(value)) throw dehydratedErrors.value(what, value);
  return value;
}
