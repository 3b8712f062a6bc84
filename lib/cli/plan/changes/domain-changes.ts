import { groupBy } from "../../../shared/grouping";
import {
  certificateIn,
  hostFilesIn,
  type KeptValues,
  type PlannedChange,
} from "../../planned/planned-change";
import { domainOfAddress } from "./addresses";
import type { PlannedStack } from "./planned-stack";

/**
 * - `new`: a domain that the stack did not have
 * - `renewed`: its renewal is due
 * - `reissued`: a new certificate for another reason
 * - `replaced`: the certificate is destroyed, and another one is made
 * - `changed`: settings of the certificate, which stays
 * - `issued here`, `not issued here`: the domain stays, and its certificate comes from the stack from now on, or no longer does
 * - `gone`: the stack has the domain no longer
 */
export type DomainChangeKind =
  | "new"
  | "renewed"
  | "reissued"
  | "replaced"
  | "changed"
  | "issued here"
  | "not issued here"
  | "gone";

export interface DomainChange {
  readonly stack: string;
  readonly domain: string;
  readonly change: DomainChangeKind;
  /** The provider's word for why a certificate is reissued; null if it is not, or if it does not say. */
  readonly reason: string | null;
  readonly namesAdded: readonly string[];
  readonly namesRemoved: readonly string[];
  /** The top-level attributes that differ, of a certificate that is only `changed`. */
  readonly attributes: readonly string[];
  /** When the certificate expires that is served now. */
  readonly notAfter: Date | null;
}

/** What happens to mail domains, sorted by stack and domain. */
export function domainChanges(stacks: readonly PlannedStack[]): DomainChange[] {
  return stacks.flatMap((stack) =>
    changesOf(stack).sort((one, other) => (one.domain < other.domain ? -1 : 1)),
  );
}

function changesOf({ stack, plan }: PlannedStack): DomainChange[] {
  // What is missing on a host is created again: that does not make the domain new.
  const drifted = new Set(plan.drift.map(({ address }) => address));
  const byDomain = groupBy(plan.changes.filter(isOfDomain), domainOf);
  return [...byDomain].flatMap(([domain, changes]) => {
    const certificates = changes.filter(({ before, after }) => isCertificate(before ?? after));
    const files = changes.filter((change) => !certificates.includes(change));
    const found =
      certificates.length > 0
        ? certificates.flatMap((certificate) => certificateChange(certificate, files))
        : withoutCertificate(files.filter(({ address }) => !drifted.has(address)));
    return found.map((change) => ({ stack, domain, ...change }));
  });
}

type Change = Omit<DomainChange, "stack" | "domain">;

const UNCHANGED = { reason: null, namesAdded: [], namesRemoved: [], attributes: [], notAfter: null };

function certificateChange(change: PlannedChange, files: readonly PlannedChange[]): Change[] {
  const kind = kindOf(change, files);
  if (kind === null) return [];
  const before = certificateIn(change.before);
  const after = certificateIn(change.after);
  const isReissued = kind === "renewed" || kind === "reissued";
  return [
    {
      change: kind,
      reason: isReissued ? (after?.reissueReason ?? null) : null,
      namesAdded: without(namesOf(after), namesOf(before)),
      namesRemoved: without(namesOf(before), namesOf(after)),
      attributes: kind === "changed" ? change.changed : [],
      notAfter: before?.notAfter ?? null,
    },
  ];
}

function kindOf(change: PlannedChange, files: readonly PlannedChange[]): DomainChangeKind | null {
  switch (change.action) {
    case "create":
      return files.some(({ before }) => before !== null) ? "issued here" : "new";
    case "delete":
    case "forget":
      return files.some(({ after }) => after !== null) ? "not issued here" : "gone";
    case "replace":
      return "replaced";
    case "update":
      if (!change.unknown.includes("certificate_pem")) return "changed";
      return certificateIn(change.after)?.reissueReason === "due" ? "renewed" : "reissued";
    default:
      return null;
  }
}

/** A domain whose certificate the stack does not issue is known by its files on hosts. */
function withoutCertificate(files: readonly PlannedChange[]): Change[] {
  if (files.length === 0) return [];
  const before = files.flatMap((file) => namesOf(file.before));
  const after = files.flatMap((file) => namesOf(file.after));
  const namesAdded = without(after, before);
  const namesRemoved = without(before, after);
  const names = { ...UNCHANGED, namesAdded, namesRemoved };
  if (files.every((file) => file.before === null)) return [{ ...names, change: "new" }];
  if (files.every((file) => file.after === null)) return [{ ...names, change: "gone" }];
  if (namesAdded.length + namesRemoved.length === 0) return [];
  return [{ ...names, change: "changed", attributes: ["names"] }];
}

function isOfDomain({ isOurs, isDeposed, address, before, after }: PlannedChange): boolean {
  if (!isOurs || isDeposed) return false;
  return isCertificate(before ?? after) || domainOfAddress(address) !== null;
}

function domainOf({ address, before, after }: PlannedChange): string {
  return domainOfAddress(address) ?? namesOf(after ?? before)[0] ?? address;
}

function isCertificate(values: KeptValues | null): boolean {
  return values?.kind === "certificate";
}

function namesOf(values: KeptValues | null): readonly string[] {
  const certificate = certificateIn(values);
  if (certificate === null) return hostFilesIn(values)?.names ?? [];
  return [...certificate.names, ...certificate.optionalNames];
}

function without(names: readonly string[], others: readonly string[]): readonly string[] {
  const known = new Set(others);
  return [...new Set(names.filter((name) => !known.has(name)))];
}
