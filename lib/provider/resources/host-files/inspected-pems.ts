import { inspectCombinedPem } from "../../../shared/combined-pem";
import { expiryOf, isSoon } from "../../../shared/expiry";
import { rfc3339 } from "../../../shared/time/rfc3339";
import { PENDING } from "../../messages/pending";
import type { PrivateState } from "../../protocol/resource";

/**
 * What private state keeps of PEMs that were inspected and installed, so that a plan without changes need not parse them
 * again: from when until when all of them are valid.
 */
export interface InspectedPems {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const ATTRIBUTE = "inspected";
/** Another number has every plan inspect what is installed, until an apply has done so. */
const RULES = 1;

export function inspectedPems(kept: PrivateState): InspectedPems | null {
  const [rules, from, until] = numbers(kept?.[ATTRIBUTE]);
  if (rules !== RULES || from === undefined || until === undefined) return null;
  return { notBefore: new Date(from * 1000), notAfter: new Date(until * 1000) };
}

/** What private state is to hold: short, since a state holds it for each resource. */
export function rememberedInspection(inspected: InspectedPems | null): PrivateState {
  if (inspected === null) return {};
  return { [ATTRIBUTE]: [RULES, +inspected.notBefore / 1000, +inspected.notAfter / 1000] };
}

/** @param pems that can be presented. @returns null where there are none */
export function inspectionOf(pems: Readonly<Record<string, string>> | null): InspectedPems | null {
  const expiries = [...new Set(Object.values(pems ?? {}))].flatMap((pem) => {
    const inspection = inspectCombinedPem(pem, { names: [], at: new Date() });
    return inspection.ok ? expiryOf(inspection.certificate) : [];
  });
  return expiries.length === 0
    ? null
    : expiries.reduce((first, next) => (next.notAfter < first.notAfter ? next : first));
}

/** Whether a plan has to inspect PEMs that are installed already. */
export function needsInspection(inspected: InspectedPems | null, at: Date): boolean {
  return inspected === null || isSoon(inspected, at) || hasExpired(inspected, at);
}

/** What is pending on a host whose certificate has expired, in words; null where it has not. */
export function expired(inspected: InspectedPems | null, at: Date): string | null {
  return inspected !== null && hasExpired(inspected, at)
    ? PENDING.expired(rfc3339(inspected.notAfter))
    : null;
}

function hasExpired({ notAfter }: InspectedPems, at: Date): boolean {
  return at > notAfter;
}

function numbers(value: unknown): number[] {
  return Array.isArray(value) && value.every((each) => typeof each === "number") ? value : [];
}
