import { CHALLENGES } from "../../../shared/acme/challenge-path";
import {
  isPublicName,
  LETS_ENCRYPT_DIRECTORY,
  LETS_ENCRYPT_STAGING_DIRECTORY,
  MOST_NAMES,
} from "../../../shared/acme/lets-encrypt";
import { mostCommon } from "../../../shared/grouping";
import { isPlainPath } from "../../../shared/plain-path";
import { truncated } from "../../../shared/text/truncated";
import type { Declaration } from "../findings/declarations";
import { type Finding, finding } from "../findings/finding";
import type { FoundChallenge, Row } from "../layouts/source";
import type { PrintedAdoption } from "./adoption";
import { comment, literal } from "./words";

/**
 * A URL of a CA that the stack can have. The engine evaluates what is in `${` and `}` on the machine that deploys, and sends the
 * result to the server of the URL: so a host could have it send files there.
 */
const PLAIN_URL = /^https:\/\/[A-Za-z0-9.:[\]-]+(?:\/[\w.~%!&'()*+,;=:@?/-]*)?$/;

/** The issuer of the printed stack. */
export interface PrintedIssuer {
  /** The names to import from the package. */
  readonly imports: readonly string[];
  /** The lines that declare the constant `issuer`. */
  readonly lines: readonly string[];
  /** Arguments of a domain. */
  readonly ofDomain: PrintedAdoption["ofDomain"];
  readonly findings: readonly Finding[];
}

/** The maximum number of names in a certificate of Let's Encrypt's default profile. */
const MOST = MOST_NAMES.get("classic") ?? 100;

/**
 * The issuer that issues today, as far as the files of its clients say.
 *
 * @param adoption what the stack says of certificates that exist; only an ACME issuer can use it
 * @param stateCa scheme, host and port of the CA whose certificates the stack has in its state; null for a new state
 */
export function printedIssuer(
  declared: readonly Declaration[],
  adoption: PrintedAdoption,
  stateCa: string | null,
): PrintedIssuer {
  const rows = declared.flatMap(({ row }) => row ?? []);
  const urls = rows.map(directoryOf);
  const url = ofState(stateCa, urls) ?? mostCommon(urls) ?? LETS_ENCRYPT_DIRECTORY;
  const isLetsEncrypt = url === LETS_ENCRYPT_DIRECTORY || url === LETS_ENCRYPT_STAGING_DIRECTORY;
  const refused = isLetsEncrypt ? refusedNames(declared) : [];
  if (refused.length > 0)
    return privateIssuer("Let's Encrypt does not certify these names", notPublic(refused));
  if (!PLAIN_URL.test(url)) {
    return privateIssuer("The URL of the CA's directory cannot be in a stack", unusableDirectory(rows, url));
  }
  const challenge = printedChallenge(
    declared,
    rows.map((row) => row.challenge),
  );
  return {
    imports: ["AcmeIssuer", "Challenge", ...adoption.imports],
    ofDomain: adoption.ofDomain,
    lines: [
      ...(rows.length === 0
        ? [comment("No client of a CA was found on the host. Correct the challenge.")]
        : []),
      ...challenge.comments,
      ...acmeLines(url, challenge.expression, adoption.ofIssuer),
    ],
    findings: [...unknownDirectory(rows, url, stateCa), ...challenge.findings, ...adoption.findings],
  };
}

/** The URL of the CA's directory. That of Let's Encrypt is known, and the usual one is printed for others. */
function directoryOf({ directoryUrl, caOrigin }: Row): string {
  return directoryUrl ?? (caOrigin === undefined ? LETS_ENCRYPT_DIRECTORY : `${caOrigin}/directory`);
}

/** That of the CA in the state, which no client's file contradicts. */
function ofState(origin: string | null, urls: readonly string[]): string | undefined {
  if (origin === null) return undefined;
  return urls.find((url) => url.startsWith(`${origin}/`)) ?? `${origin}/directory`;
}

/** A directory whose URL no file has, so that the printed one may be wrong. */
function unknownDirectory(rows: readonly Row[], url: string, stateCa: string | null): Finding[] {
  const isGuess = url === `${stateCa}/directory` || rows.some((row) => directoryOf(row) === url);
  const isKnown =
    url === LETS_ENCRYPT_DIRECTORY ||
    url === LETS_ENCRYPT_STAGING_DIRECTORY ||
    rows.some((row) => row.directoryUrl === url);
  if (isKnown || !isGuess) return [];
  const sources = rows.filter((row) => directoryOf(row) === url).map(({ source }) => source);
  return [
    finding(
      "ca-unknown",
      "decision",
      `Only the host of the CA is known, and not the URL of its ACME directory: the stack has ${url}.`,
      "Compare it with the server that the client is started with, or with server_url of the provider acme, and correct it in the stack.",
      { places: sources.length > 0 ? sources : [url] },
    ),
  ];
}

function acmeLines(url: string, challenge: string, more: readonly string[]): string[] {
  const factory =
    url === LETS_ENCRYPT_DIRECTORY
      ? "letsEncrypt"
      : url === LETS_ENCRYPT_STAGING_DIRECTORY
        ? "letsEncryptStaging"
        : `directory`;
  const place = factory === "directory" ? `, ${literal(url)}` : "";
  return [
    comment("Try AcmeIssuer.letsEncryptStaging first: it has the same arguments, and generous rate limits."),
    `const issuer = AcmeIssuer.${factory}(stack, "ca"${place}, {`,
    `  challenge: ${challenge},`,
    ...more.map((line) => `  ${line}`),
    "});",
  ];
}

/** @param reason why there is no other, without the full stop */
function privateIssuer(reason: string, decision: Finding): PrintedIssuer {
  return {
    imports: ["PrivateCa"],
    ofDomain: () => [],
    lines: [
      comment(`${reason}, and no other CA was found: this one is your own.`),
      'const issuer = new PrivateCa(stack, "ca");',
    ],
    findings: [decision],
  };
}

function notPublic(names: readonly string[]): Finding {
  return finding(
    "name-not-public",
    "decision",
    "No public CA certifies names of the stack, or so many in one certificate: the printed stack has a PrivateCa for all.",
    "Choose the issuer in the stack.",
    { names },
  );
}

function unusableDirectory(rows: readonly Row[], url: string): Finding {
  return finding(
    "ca-unknown",
    "decision",
    `The URL of the CA's directory does not begin with https://, or has characters that a stack cannot have: ${truncated(url, 200)}. The printed stack has a PrivateCa in its place, whose certificates clients do not trust.`,
    "Find out who wrote that URL. Before the first deploy, put AcmeIssuer.directory with the right one into the stack.",
    { places: rows.filter((row) => directoryOf(row) === url).map(({ source }) => source) },
  );
}

function refusedNames(declared: readonly Declaration[]): string[] {
  return declared.flatMap(({ names }) =>
    names.length > MOST ? names : names.filter((name) => !isPublicName(name)),
  );
}

interface PrintedChallenge {
  readonly expression: string;
  readonly comments: readonly string[];
  readonly findings: readonly Finding[];
}

const TOKENS = `/${CHALLENGES}`;
const COMMON_WEBROOT = "/var/www/acme";

function printedChallenge(
  declared: readonly Declaration[],
  challenges: readonly FoundChallenge[],
): PrintedChallenge {
  const hasWildcard = declared.some(({ names }) => names.some((name) => name.startsWith("*.")));
  const dns = challenges.find((challenge) => challenge?.kind === "dns");
  if (dns?.kind === "dns" && (hasWildcard || challenges.every((challenge) => challenge?.kind === "dns"))) {
    return dnsChallenge(dns.words);
  }
  const webroots = challenges.flatMap((challenge) => (challenge?.kind === "webroot" ? [challenge.path] : []));
  return webroot(mostCommon(webroots));
}

function dnsChallenge(words: string): PrintedChallenge {
  return {
    expression: 'Challenge.dnsHook(["./dns-hook.sh"])',
    comments: [
      comment(
        `The host proves names by DNS (${words}). The hook runs on the machine that deploys: copy or write one there.`,
      ),
    ],
    findings: [],
  };
}

function webroot(found: string | undefined): PrintedChallenge {
  const path = found?.endsWith(TOKENS) ? found.slice(0, -TOKENS.length) : found;
  const isUsable = path !== undefined && isPlainPath(path);
  const expression = `Challenge.httpWebroot(${literal(isUsable ? path : COMMON_WEBROOT)})`;
  if (isUsable && found?.endsWith(TOKENS)) return { expression, comments: [], findings: [] };
  const problem =
    found === undefined
      ? "It is not known how the names are proven to the CA today."
      : `Tokens are written to ${found} today, and the web server serves that directory as ${TOKENS}, or the directory has that below it.`;
  return {
    expression,
    comments: [comment(`${problem} The library writes tokens to ${TOKENS} below this directory.`)],
    findings: [
      finding(
        "webroot",
        "note",
        problem,
        `Have the web server on port 80 serve ${TOKENS} from the directory ${isUsable ? path : COMMON_WEBROOT}${TOKENS}. \`mail-sni doctor --write-probe\` tries it.`,
        { places: found === undefined ? [] : [found] },
      ),
    ],
  };
}
