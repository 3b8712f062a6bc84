import { isAddress } from "../../../shared/dehydrated/domains-txt";
import { MailSniError } from "../../../shared/errors";
import { parseCertificateName } from "../../../shared/host-name";
import type { HostFacts } from "../host/read-host";
import type { Pair } from "../layouts/server";
import type { Row } from "../layouts/source";
import type { Certificates } from "./certificates";
import { type Finding, finding } from "./finding";

/** A mail domain that the printed stack declares. */
export interface Declaration {
  readonly domain: string;
  /** Host names as lower-case A-labels, and perhaps wildcards, in the order of the row. */
  readonly names: readonly string[];
  /** Where it comes from. */
  readonly source: string;
  /** The files of its certificate. */
  readonly pair: Pair;
  /** Null if no client of a CA was found for it. */
  readonly row: Row | null;
}

/** What the printed stack declares, and what it has to leave out. */
export interface Declarations {
  readonly declared: readonly Declaration[];
  readonly findings: readonly Finding[];
}

/** A certificate with the names that it is for, before they are checked. */
interface Candidate {
  readonly names: readonly string[];
  readonly source: string;
  readonly pair: Pair;
  readonly row: Row | null;
}

/** The mail domains of the clients' rows; without any row those of the certificates that servers have. */
export function declarationsOf(facts: HostFacts, certificates: Certificates): Declarations {
  const candidates =
    facts.rows.length > 0
      ? facts.rows.map((row) => ofRow(row, certificates))
      : ofServers(facts, certificates);
  const hasQmail = facts.servers.some(({ kind }) => kind === "qmail");
  const taken = new Map<string, string>();
  const found = new Map<Candidate, Declarations>();
  for (const candidate of presentedFirst(candidates, facts, certificates))
    found.set(candidate, declarationOf(candidate, { hasQmail, taken }));
  const all = candidates.flatMap((candidate) => found.get(candidate) ?? []);
  return {
    declared: all.flatMap(({ declared }) => declared),
    findings: all.flatMap(({ findings }) => findings),
  };
}

/** A name that two certificates have belongs to the one that a server presents, such as that of certbot without `-0001`. */
function presentedFirst(
  candidates: readonly Candidate[],
  { servers }: HostFacts,
  certificates: Certificates,
): Candidate[] {
  const presented = new Set(
    servers
      .flatMap(({ fallback, entries }) => [fallback, ...entries])
      .map((pair) => certificates.leafAt(pair?.certificate)?.fingerprintSha256),
  );
  const isPresented = ({ pair }: Candidate) =>
    presented.has(certificates.leafAt(pair.certificate)?.fingerprintSha256 ?? "");
  return [...candidates.filter(isPresented), ...candidates.filter((one) => !isPresented(one))];
}

/** @param taken the names of candidates that were taken before, and where these are from: those of this one are added */
function declarationOf(
  candidate: Candidate,
  { hasQmail, taken }: { readonly hasQmail: boolean; readonly taken: Map<string, string> },
): Declarations {
  const { row, source, pair } = candidate;
  if (row?.fault !== undefined) return { declared: [], findings: [refusedRow(candidate, row.fault)] };
  const checked = new CheckedNames(candidate, taken);
  const withoutWildcards = hasQmail || row?.challenge?.kind !== "dns";
  const names = checked.names.filter((name) => !(withoutWildcards && name.startsWith("*.")));
  const findings = checked.findings(withoutWildcards ? (hasQmail ? "qmail" : "challenge") : null);
  const domain = domainOf(names, row);
  // The files of a row without names are not there, and another finding says so.
  if (domain === undefined) return { declared: [], findings };
  for (const name of names) taken.set(name, source);
  return { declared: [{ domain, names, source, pair, row }], findings };
}

/** The first name of a client's row names the domain. Without a client it is the name that all others are below: CAs may sort names. */
function domainOf(names: readonly string[], row: Row | null): string | undefined {
  const plain = names.filter((name) => !name.startsWith("*."));
  const above = plain.find((parent) => plain.every((name) => name === parent || name.endsWith(`.${parent}`)));
  return (row === null ? above : undefined) ?? plain[0];
}

function ofRow(row: Row, certificates: Certificates): Candidate {
  const { source, certificate, key } = row;
  const names = row.names ?? certificates.leafAt(certificate)?.dnsNames ?? [];
  return { names, source, pair: { certificate, key }, row };
}

/** Certificates that were made by hand: each with the names that it has. */
function ofServers({ servers }: HostFacts, certificates: Certificates): Candidate[] {
  const pairs = servers.flatMap(({ fallback, entries }) => [
    ...(fallback === null ? [] : [fallback]),
    ...entries,
  ]);
  const byLeaf = new Map<string, Candidate>();
  for (const { certificate, key } of pairs) {
    const leaf = certificates.leafAt(certificate);
    if (leaf === null || byLeaf.has(leaf.fingerprintSha256)) continue;
    const pair = { certificate, key };
    byLeaf.set(leaf.fingerprintSha256, { names: leaf.dnsNames, source: certificate, pair, row: null });
  }
  return [...byLeaf.values()];
}

function refusedRow({ source }: Candidate, fault: string): Finding {
  return finding(
    "row-invalid",
    "decision",
    `The row at ${source} is left out of the stack: ${fault}.`,
    "Correct the row, or add the domain to the stack by hand.",
    { places: [source] },
  );
}

/** The names of a candidate, sorted by what is to be done with them. */
class CheckedNames {
  readonly names: string[] = [];
  readonly #earlier: readonly string[];
  readonly #invalid: string[] = [];
  readonly #twice: string[] = [];

  constructor(
    private readonly candidate: Candidate,
    taken: ReadonlyMap<string, string>,
  ) {
    for (const given of candidate.names) {
      // Clients never send an address as SNI.
      if (isAddress(given)) continue;
      const name = parsed(given);
      if (name === null) this.#invalid.push(given);
      else if (taken.has(name)) this.#twice.push(name);
      else if (!this.names.includes(name)) this.names.push(name);
    }
    this.#earlier = [...new Set(this.#twice.map((name) => taken.get(name) as string))];
  }

  findings(withoutWildcards: "qmail" | "challenge" | null): Finding[] {
    const { source } = this.candidate;
    const wildcards = withoutWildcards === null ? [] : this.names.filter((name) => name.startsWith("*."));
    return [
      ...(this.#invalid.length > 0 ? [invalidNames(this.#invalid, source)] : []),
      ...(this.#twice.length > 0 ? [twiceNames(this.#twice, source, this.#earlier)] : []),
      ...(wildcards.length > 0 ? [leftOutWildcards(wildcards, source, withoutWildcards === "qmail")] : []),
    ];
  }
}

function parsed(given: string): string | null {
  try {
    return parseCertificateName(given);
  } catch (error) {
    if (error instanceof MailSniError) return null;
    throw error;
  }
}

function invalidNames(names: readonly string[], source: string): Finding {
  return finding(
    "name-invalid",
    "decision",
    `${source} has names that are no host names, which are left out of the stack.`,
    "Remove them from the list: no client can ask for them, and no CA certifies them.",
    { names, places: [source] },
  );
}

function twiceNames(names: readonly string[], source: string, earlier: readonly string[]): Finding {
  return finding(
    "name-twice",
    "decision",
    `${source} has names that another certificate has too, and which the stack declares there alone: a server presents one certificate for a name.`,
    "Check in the stack which certificate is to be presented for them.",
    { names, places: [source, ...earlier] },
  );
}

function leftOutWildcards(names: readonly string[], source: string, isForQmail: boolean): Finding {
  const reason = isForQmail
    ? "qmail serves exact names only"
    : "no DNS challenge was found, and a CA issues wildcards for no other";
  return finding(
    "wildcard-left-out",
    "decision",
    `${source} has a wildcard, which is left out of the stack: ${reason}.`,
    "Declare the names below it that clients use, such as imap. and smtp.",
    { names, places: [source] },
  );
}

export function hostNamesOf({ names }: Pick<Declaration, "names">): string[] {
  return names.filter((name) => !name.startsWith("*."));
}
