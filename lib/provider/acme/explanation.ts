import { AcmeFailure } from "./failure";
import type { Problem } from "./problem";

/** What a person is told of a problem, and what to do about it. */
export function explain(problem: Problem, retryAt?: Date): AcmeFailure {
  const parts = problem.subproblems.length > 0 ? problem.subproblems : [problem];
  const remedies = [...new Set(parts.map(({ kind }) => remedy(kind, retryAt)))];
  return new AcmeFailure(sentence(problem), remedies.join(" "), problem, retryAt);
}

function sentence(problem: Problem): string {
  const { kind, detail, name, subproblems } = problem;
  const what = [
    name && `${name}: `,
    SAID.get(kind) ?? `the CA refused (${kind})`,
    detail && ` ("${detail}")`,
  ];
  const parts = subproblems.map((part) => ` ${sentence(part)}`);
  return `${capital(what.filter(Boolean).join(""))}.${parts.join("")}`;
}

const SAID: ReadonlyMap<string, string> = byKind({
  accountDoesNotExist: "the CA does not know the account",
  alreadyReplaced: "the CA has already replaced the certificate",
  badCSR: "the CA does not accept the certificate request",
  badSignatureAlgorithm: "the CA does not accept keys of the account's kind",
  caa: "a CAA record in DNS forbids this CA to issue for the name",
  connection: "the CA could not connect to the host that the name leads to",
  dns: "the CA found no usable answer in DNS",
  externalAccountRequired: "the CA gives accounts only to those who have one with it already",
  incorrectResponse: "the CA found something else than the challenge",
  invalidContact: "the CA does not accept the contact",
  invalidProfile: "the CA has no such profile",
  malformed: "the CA did not understand the request",
  rateLimited: "the CA issues no more for now",
  rejectedIdentifier: "the CA does not issue for this name",
  serverInternal: "the CA failed",
  tls: "the CA could not make a TLS connection to the host",
  unauthorized: "the CA found something else than the challenge, or does not let this account do that",
  unsupportedContact: "the CA does not accept contacts of this kind",
  unsupportedIdentifier: "the CA does not issue for names of this kind",
  userActionRequired: "the CA wants its terms of service to be agreed to",
});

function remedy(kind: string, retryAt: Date | undefined): string {
  const known = REMEDIES.get(kind);
  // Of what somebody has to mend, a time says nothing: some servers send one with every answer.
  if (retryAt !== undefined && (known === undefined || PASSING.has(kind))) {
    return `Apply again after ${retryAt.toISOString().replace(/\.\d+Z$/, "Z")}.`;
  }
  return known ?? "Apply again; if it stays, ask the CA what it means.";
}

const FOUND_ANOTHER =
  "Check that all of the name's addresses are those of the hosts that the challenge is put on, that a web server there serves the challenge's directory, and that a TXT record is where the CA asks for it.";

const REMEDIES: ReadonlyMap<string, string> = byKind({
  accountDoesNotExist:
    "Check that directory_url is that of the account's CA. Where the account was deleted there, replace the mailsni_acme_account.",
  badSignatureAlgorithm: "Write another account key: ECDSA P-256 is accepted by all CAs.",
  badCSR: "Write another key_algorithm; the key of an account is never one for a certificate.",
  caa: "Have the domain's owner add the CA to the CAA records, or take them away; or take the name out.",
  connection:
    "Check that the name's A and AAAA records lead to the mail host, and that port 80 is open there to everybody (not to some countries or networks alone).",
  dns: "Have the domain's owner add the name's records or mend its name servers, or take the name out.",
  externalAccountRequired:
    "Get a key id and an HMAC key from the CA, and write them as external_account_key_id and external_account_hmac_key.",
  incorrectResponse: FOUND_ANOTHER,
  invalidContact: "Write an e-mail address that exists.",
  invalidProfile: "Write one of the CA's profiles, which its directory lists, or leave profile out.",
  rateLimited: "Apply again later: the CA did not say when.",
  rejectedIdentifier: "Take the name out, or check how it is spelled.",
  serverInternal: "Apply again in some minutes; CAs announce outages on their status pages.",
  tls: "The web server redirects the challenge to https, and nothing usable is there. Have it serve /.well-known/acme-challenge/ in clear.",
  unauthorized: FOUND_ANOTHER,
  unsupportedContact: "Write an e-mail address, or leave contact out.",
  unsupportedIdentifier: "Take the name out: public CAs issue for host names below public suffixes alone.",
  userActionRequired: "Read the terms of service and set terms_of_service_agreed = true.",
});

/** What passes by itself. */
const PASSING: ReadonlySet<string> = new Set(["rateLimited", "serverInternal"]);

/** A server may send any kind, `constructor` too. */
function byKind(texts: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(texts));
}

function capital(text: string): string {
  return text.startsWith("the ") || text.startsWith("a ") ? text[0]?.toUpperCase() + text.slice(1) : text;
}
