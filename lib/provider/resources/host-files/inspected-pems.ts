import { inspectCombinedPem } from "../../../shared/combined-pem";
import { expiryOf, isSoon } from "../../../shared/expiry";
import { rfc3339 } from "../../../shared/time/rfc3339";
import { PENDING } from "../../messages/pending";
import type { PrivateState } from "../../protocol/resource";

/**
 * When all PEMs that were inspected and installed are valid. Kept in private state, so that a plan without
 * changes need not parse them again.
 */
export interface InspectedPems {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const ATTRIBUTE = "inspected";
/** Version of the checks. After an increase every plan inspects the installed PEMs, until an apply has done so. */
const RULES = 1;

export function inspectedPems(kept: PrivateState): InspectedPems | null {
  const [rules, from, until] = numbers(kept?.[ATTRIBUTE]);
  if (rules !== RULES || from === undefined || until === undefined) return null;
  return { notBefore: new Date(from * 1000), notAfter: new Date(until * 1000) };
}

/** The form in private state. It is short because a state has one for each resource. */
export function rememberedInspection(inspected: InspectedPems | null): PrivateState {
  if (inspected === null) return {};
  return { [ATTRIBUTE]: [RULES, +inspected.notBefore / 1000, +inspected.notAfter / 1000] };
}

/** @param pems valid PEMs @returns null if there are none */
export function inspectionOf(pems: Readonly<Record<string, string>> | null): InspectedPems | null {
  const expiries = [...new Set(Object.values(pems ?? {}))].flatMap((pem) => {
    const inspection = inspectCombinedPem(pem, { names: [], at: new Date() });
    return inspection.ok ? expiryOf(inspection.certificate) : [];
  });
  return expiries.length === 0
    ? null
    : expiries.reduce((first, next) => (next.notAfter < first.notAfter ? next : first));
}

/** Whether a plan must inspect installed PEMs again. */
export function needsInspection(inspected: InspectedPems | null, at: Date): boolean {
  return inspected === null || isSoon(inspected, at) || hasExpired(inspected, at);
}

/** The text for `pending` if a certificate has expired; null otherwise. */
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
