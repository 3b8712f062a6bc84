import { rfc3339 } from "../../shared/time/rfc3339";
import { AcmeFailure } from "./failure";
import type { Problem } from "./problem";

/**
 * The failure for a problem document: what it means and what to do.
 *
 * @param retryAt from the `Retry-After` header; a time in the problem's text is used, too
 */
export function explain(problem: Problem, retryAt?: Date): AcmeFailure {
  const parts = problem.subproblems.length > 0 ? problem.subproblems : [problem];
  const later = latest([retryAt, ...parts.map(({ detail }) => timeIn(detail))]);
  const remedies = [...new Set(parts.map((part) => remedy(part, later)))];
  return new AcmeFailure(sentence(problem), remedies.join(" "), problem, later);
}

function sentence(problem: Problem): string {
  const { kind, detail, name, subproblems } = problem;
  const what = [
    name && `${name}: `,
    SAID.get(matterOf(problem)) ?? SAID.get(kind) ?? `the CA refused (${kind})`,
    isSeenElsewhere(problem) && ", from another place of the Internet",
    detail && ` ("${detail}")`,
  ];
  const parts = subproblems.map((part) => ` ${sentence(part)}`);
  return `${capital(what.filter(Boolean).join(""))}.${parts.join("")}`;
}

/** The cause of a problem, recognized by its text where its kind alone does not tell. */
function matterOf({ kind, detail }: Problem): string {
  const matter = MATTERS.find(({ kinds, text }) => kinds.includes(kind) && text.test(detail));
  return matter?.name ?? kind;
}

/** The texts are those of Boulder, Pebble and others. */
const MATTERS: readonly {
  readonly name: string;
  readonly kinds: readonly string[];
  readonly text: RegExp;
}[] = [
  {
    name: "account closed",
    kinds: ["unauthorized", "accountDoesNotExist", "malformed"],
    text: /\baccount\b.*\b(deactivated|revoked|not valid|closed|disabled)\b/i,
  },
  { name: "account paused", kinds: ["rateLimited"], text: /https:\S*unpause|\bpaused\b/i },
  {
    name: "caa not answered",
    kinds: ["caa"],
    text: /SERVFAIL|REFUSED|DNS problem|DNSSEC|time[sd]? ?out|timeout|no (valid )?response/i,
  },
  { name: "redundant names", kinds: ["malformed", "rejectedIdentifier"], text: /\bredundant\b/i },
];

/** Whether the account can never order again. */
export function isClosed(problem: Problem): boolean {
  return ["account closed", "accountDoesNotExist"].includes(matterOf(problem));
}

/** Whether the CA may answer the same request otherwise later. */
export function isTemporary({ kind }: Problem): boolean {
  return TEMPORARY.has(kind);
}

/** Whether the CA would refuse the same order again. */
export function isFinal({ kind, subproblems }: Problem): boolean {
  return [kind, ...subproblems.map(({ kind }) => kind)].some((each) => FINAL.has(each));
}

/** CAs validate from several places, and a firewall may block some of them. */
function isSeenElsewhere({ detail }: Problem): boolean {
  return /secondary (validation|perspective)|remote perspective/i.test(detail);
}

/** The time in Boulder's format: `retry after 2026-03-01 12:00:00 UTC`. */
function timeIn(detail: string): Date | undefined {
  const [, day, time] =
    /retry after (\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)? ?(?:UTC|Z)/i.exec(detail) ?? [];
  const date = new Date(`${day}T${time}Z`);
  return Number.isNaN(+date) ? undefined : date;
}

function latest(dates: readonly (Date | undefined)[]): Date | undefined {
  const known = dates.filter((date) => date !== undefined);
  return known.length === 0 ? undefined : new Date(Math.max(...known.map(Number)));
}

/** The links in a text, without punctuation behind them. */
function linksIn(detail: string): readonly string[] {
  return [...detail.matchAll(/https:\/\/[^\s<>"']+/g)].map(([link]) => link.replace(/[.,;:)\]]+$/, ""));
}

const SAID: ReadonlyMap<string, string> = byKind({
  "account closed": "the CA has closed the account",
  "account paused": "the CA has paused the account for these names, after many orders that failed",
  "caa not answered":
    "the CA got no answer when it asked DNS for CAA records: the domain's name servers fail",
  "redundant names": "the CA refuses a name beside a wildcard that covers it",
  accountDoesNotExist: "the CA does not know the account",
  alreadyReplaced: "the CA has already replaced the certificate",
  badCSR: "the CA does not accept the certificate request",
  badPublicKey: "the CA does not accept the key",
  badSignatureAlgorithm: "the CA does not accept keys of the account's kind",
  caa: "a CAA record in DNS forbids this CA to issue for the name",
  connection: "the CA could not connect to the host that the name resolves to",
  dns: "the CA found no usable answer in DNS",
  externalAccountRequired: "the CA requires an external account",
  incorrectResponse: "the CA did not find the challenge",
  invalidContact: "the CA does not accept the contact",
  invalidProfile: "the CA has no such profile",
  malformed: "the CA did not understand the request",
  rateLimited: "the CA's rate limit is reached",
  rejectedIdentifier: "the CA does not issue for this name",
  serverInternal: "the CA failed",
  tls: "the CA could not make a TLS connection to the host",
  unauthorized: "the CA did not find the challenge, or does not authorise this account",
  unsupportedContact: "the CA does not accept contacts of this kind",
  unsupportedIdentifier: "the CA does not issue for names of this kind",
  userActionRequired: "the CA wants its terms of service to be agreed to",
});

function remedy(problem: Problem, retryAt: Date | undefined): string {
  const { kind, detail } = problem;
  const matter = matterOf(problem);
  const known = REMEDIES.get(matter);
  const links = linksIn(detail);
  if (matter === "account paused") return paused(links);
  const advice = isSeenElsewhere(problem) ? SEEN_ELSEWHERE : (known ?? REMEDIES.get(kind));
  // A retry time does not help with a fault that the user has to fix: some servers send one with every
  // answer.
  if (retryAt !== undefined && (advice === undefined || isTemporary(problem))) {
    const see =
      kind === "rateLimited" && links.length > 0 ? ` See ${links.join(" and ")} for the limit.` : "";
    return `Apply again after ${rfc3339(retryAt)}.${see}`;
  }
  return advice ?? "Apply again; if the error persists, ask the CA what it means.";
}

/** Puts each link on a line of its own, so that terminals open and copy it whole. */
function paused(links: readonly string[]): string {
  const cause =
    "First make the names lead to the mail hosts, or remove them: orders that fail would pause the account again.";
  return links.length === 0
    ? `Waiting does not help. ${cause} Then have the CA unpause the account, and apply again.`
    : `Waiting does not help. ${cause} Then open this link, unpause the account there, and apply again:\n${links.join("\n")}\n`;
}

const SEEN_ELSEWHERE =
  "The CA checks from several places of the Internet at once, and one of them got another answer. Open port 80 of the mail host to all countries and networks, and check that all name servers of the domain give the same answers everywhere.";

const FOUND_ANOTHER =
  "Check that all of the name's addresses are those of the hosts that the challenge is put on, that a web server there serves the challenge's directory, and that a TXT record is where the CA asks for it.";

const OTHER_KEY =
  "Apply again: the next order has another key, unless reuse_key is set. If the CA refuses that too, write another key_algorithm.";

const REMEDIES: ReadonlyMap<string, string> = byKind({
  "account closed":
    "Replace the account, and the orders that failed succeed: terraform apply -replace=ADDRESS, with the address of the mailsni_acme_account; with account_key_pem, write another key first. A CAA record with accounturi needs the new account's URL. Certificates stay valid.",
  "caa not answered":
    "Have the domain's owner repair its name servers: they have to answer queries for CAA records, even if there is none. No CAA record is needed. Or remove the name.",
  "redundant names": "Remove the name from names: the wildcard covers it.",
  accountDoesNotExist:
    "Check that directory_url is that of the account's CA. Where the account was deleted there, replace the mailsni_acme_account.",
  badSignatureAlgorithm: "Write another account key: ECDSA P-256 is accepted by all CAs.",
  badCSR: OTHER_KEY,
  badPublicKey: `If it is the account's key, write another one: ECDSA P-256 is accepted by all CAs. Otherwise: ${OTHER_KEY}`,
  caa: "Have the domain's owner add the CA to the CAA records, or remove them; or remove the name.",
  connection:
    "Check that the name's A and AAAA records lead to the mail host, and that port 80 is open there to the whole Internet (not only to some countries or networks).",
  dns: "Ask the domain's owner to add the name's records or to repair its name servers, or remove the name.",
  externalAccountRequired:
    "Get a key id and an HMAC key from the CA, and write them as external_account_key_id and external_account_hmac_key.",
  incorrectResponse: FOUND_ANOTHER,
  invalidContact: "Write an e-mail address that exists.",
  invalidProfile: "Write one of the CA's profiles, which its directory lists, or leave out profile.",
  rateLimited: "Apply again later: the CA did not say when.",
  rejectedIdentifier: "Remove the name, or check its spelling.",
  serverInternal: "Apply again in some minutes; CAs announce outages on their status pages.",
  tls: "The web server redirects the challenge to https, and nothing usable is there. Make it serve /.well-known/acme-challenge/ over plain HTTP.",
  unauthorized: FOUND_ANOTHER,
  unsupportedContact: "Write an e-mail address, or leave contact out.",
  unsupportedIdentifier: "Remove the name: public CAs issue only for host names below public suffixes.",
  userActionRequired: "Read the terms of service and set terms_of_service_agreed = true.",
});

/** Kinds that pass without a change by the user. */
const TEMPORARY: ReadonlySet<string> = new Set(["rateLimited", "serverInternal"]);

/** Kinds that are about the names, the key or the profile (RFC 8555 §6.7, draft-ietf-acme-profiles): the same order would be refused again. */
const FINAL: ReadonlySet<string> = new Set([
  "badCSR",
  "badPublicKey",
  "invalidProfile",
  "rejectedIdentifier",
  "unsupportedIdentifier",
]);

/** A map and not an object: a server may send any kind, `constructor` included. */
function byKind(texts: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(texts));
}

function capital(text: string): string {
  return text.startsWith("the ") || text.startsWith("a ") ? text[0]?.toUpperCase() + text.slice(1) : text;
}
