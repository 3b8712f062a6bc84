import type { CertificateFact, PublicFacts } from "../../inputs/public-facts";
import { isIssued, type StackJournal } from "../../inputs/stack-journal";
import { EXIT } from "../../process/exit-code";
import {
  CERTIFICATE_STATES,
  type CertificateState,
  certificateState,
  type StateOptions,
} from "./certificate-state";

export interface DomainStatus extends CertificateFact {
  /** Null if the facts come from a file, without `--stack`. */
  readonly stack: string | null;
  readonly domain: string;
  readonly state: CertificateState;
}

export interface HostStatus {
  readonly stack: string | null;
  readonly host: string;
  /** The descriptions of changes that are not served yet. */
  readonly pending: readonly string[];
}

/** Certificates that a run has begun to order, and that the last deploy did not save. */
export interface JournaledCertificates {
  readonly stack: string | null;
  /** The directory of the issuance journal. */
  readonly path: string;
  readonly certificates: number;
  /** How many of them the CA has issued, and the run has downloaded. */
  readonly issued: number;
}

/** The public facts of one stack. */
export interface StackFacts {
  readonly stack: string | null;
  readonly facts: PublicFacts;
  /** @default - there is none on this machine */
  readonly journal?: Pick<StackJournal, "path" | "entries">;
}

/** The state of all certificates and hosts at one time, derived from the public facts. Does no I/O. */
export class Overview {
  /** Sorted by urgency: by state, then by the time of renewal or expiry. */
  readonly domains: readonly DomainStatus[];
  /** Hosts with pending changes come first. */
  readonly hosts: readonly HostStatus[];
  /** Of each stack with any. */
  readonly journals: readonly JournaledCertificates[];

  /** @param unread the stacks whose facts could not be read */
  constructor(
    stacks: readonly StackFacts[],
    readonly unread: readonly string[],
    readonly options: StateOptions,
  ) {
    this.domains = stacks
      .flatMap(({ stack, facts }) =>
        [...facts.certificates].map(([domain, fact]) => ({
          stack,
          domain,
          state: certificateState(fact, options),
          ...fact,
        })),
      )
      .sort(byUrgency);
    this.hosts = stacks
      .flatMap(({ stack, facts }) => [...facts.pending].map(([host, pending]) => ({ stack, host, pending })))
      .sort(pendingFirst);
    this.journals = stacks.flatMap(journaled);
  }

  /** The number of domains in a state. */
  count(state: CertificateState): number {
    return this.domains.filter((domain) => domain.state === state).length;
  }

  /** The number of pending changes on all hosts. */
  get pending(): number {
    return this.hosts.reduce((sum, { pending }) => sum + pending.length, 0);
  }

  /** The next certificate to be renewed, of those that are not due yet. */
  get nextRenewal(): DomainStatus | null {
    return this.domains.find(({ state, renewAt }) => state === "current" && renewAt !== null) ?? null;
  }

  /** 1: something is expired, overdue or pending. 2: nothing is, but some facts could not be read. */
  get exitCode(): number {
    if (this.count("expired") + this.count("overdue") + this.pending > 0) return EXIT.WRONG;
    return this.unread.length > 0 ? EXIT.NOT_CHECKED : EXIT.OK;
  }
}

/** An entry stays in the journal until a plan finds its certificate in the state; the facts have it before that. */
function journaled({ stack, facts, journal }: StackFacts): JournaledCertificates[] {
  const saved = new Set([...facts.certificates.values()].map(({ fingerprintSha256 }) => fingerprintSha256));
  const lost = (journal?.entries ?? []).filter(
    (entry) => entry.kind === "certificate" && !(entry.leaf !== null && saved.has(entry.leaf.fingerprint)),
  );
  return journal === undefined || lost.length === 0
    ? []
    : [{ stack, path: journal.path, certificates: lost.length, issued: lost.filter(isIssued).length }];
}

function byUrgency(one: DomainStatus, other: DomainStatus): number {
  return (
    CERTIFICATE_STATES.indexOf(one.state) - CERTIFICATE_STATES.indexOf(other.state) ||
    urgentFrom(one) - urgentFrom(other) ||
    inOrder(one.domain, other.domain)
  );
}

/** The sort key: the time of renewal or expiry, in milliseconds since 1970. Unknown times sort last. */
function urgentFrom({ renewAt, notAfter }: DomainStatus): number {
  return +(renewAt ?? notAfter ?? Number.MAX_SAFE_INTEGER);
}

function pendingFirst(one: HostStatus, other: HostStatus): number {
  return Number(other.pending.length > 0) - Number(one.pending.length > 0) || inOrder(one.host, other.host);
}

function inOrder(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
