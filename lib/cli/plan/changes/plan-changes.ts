import { HOST_SETTINGS_OUTPUT } from "../../../shared/host-settings-output";
import { PUBLIC_FACTS_OUTPUT } from "../../../shared/public-facts-output";
import type { EngineDiagnostic } from "../../engine/diagnostics";
import { type DomainChange, domainChanges } from "./domain-changes";
import { type Drift, driftIn } from "./drift";
import { type HostChange, hostChanges } from "./host-changes";
import { type AddressChange, addressChanges, type OtherChange, otherChanges } from "./other-changes";
import { type FailedStack, isPlanned, type PlannedStack, type Tables } from "./planned-stack";
import { byRisk, highestRisk, type Risk, type RiskReason } from "./risk";
import { riskReasons } from "./risk-reasons";
import { type ServedChanges, servedChanges } from "./served-changes";

/** What a change does to whose mail, from the plans of all stacks and the tables. */
export interface PlanChanges {
  readonly risk: Risk;
  /** What makes the risk, the worst first. */
  readonly reasons: readonly RiskReason[];
  readonly stacks: readonly StackSummary[];
  readonly domains: readonly DomainChange[];
  readonly hosts: readonly HostChange[];
  /** Null without the table of the target branch. */
  readonly served: ServedChanges | null;
  readonly drift: readonly Drift[];
  /** What the hosts serve now, where the stack has checks of it and the plan has asked. */
  readonly observed: readonly ObservedHost[];
  readonly others: readonly OtherChange[];
  readonly addresses: readonly AddressChange[];
  readonly outputs: readonly OutputChange[];
  readonly diagnostics: readonly StackDiagnostic[];
  readonly findings: readonly RuleFinding[];
}

/** A warning of the constructs' rules, from the last synth. */
export interface RuleFinding {
  readonly stack: string;
  readonly text: string;
}

export interface StackSummary {
  readonly stack: string;
  /** `incomplete`: planning stopped at an error, and changes may be missing. */
  readonly status: "planned" | "incomplete" | "failed";
  readonly risk: Risk;
  /** How many resources change. */
  readonly changes: number;
  /** Whether a reviewer has to read its changes. */
  readonly needsReview: boolean;
  /** Null if the stack could not be planned. */
  readonly engineVersion: string | null;
  /** Why the stack could not be planned; otherwise null. */
  readonly problem: string | null;
}

export interface ObservedHost {
  readonly stack: string;
  readonly host: string;
  readonly status: string;
  readonly mismatches: number;
}

export interface OutputChange {
  readonly stack: string;
  readonly name: string;
  readonly action: string;
}

export interface StackDiagnostic extends EngineDiagnostic {
  readonly stack: string;
}

/** @param tables null if the table of the target branch is not known */
export function planChanges(
  stacks: readonly (PlannedStack | FailedStack)[],
  tables: Tables | null,
): PlanChanges {
  const planned = stacks.filter(isPlanned);
  const drift = driftIn(planned);
  const found = {
    domains: domainChanges(planned),
    hosts: hostChanges(planned, drift),
    served: tables === null ? null : servedChanges(tables),
    drift,
    observed: observedHosts(planned),
    others: otherChanges(planned),
    addresses: addressChanges(planned),
    outputs: outputChanges(planned),
    diagnostics: stacks.flatMap(({ stack, diagnostics }) => diagnostics.map((one) => ({ stack, ...one }))),
    findings: stacks.flatMap(({ stack, findings }) => findings.map((text) => ({ stack, text }))),
  };
  const reasons = byRisk(riskReasons(stacks, found));
  return {
    risk: highestRisk(reasons.map(({ risk }) => risk)),
    reasons,
    stacks: stacks.map((stack) => summaryOf(stack, reasons)),
    ...found,
  };
}

function summaryOf(stack: PlannedStack | FailedStack, reasons: readonly RiskReason[]): StackSummary {
  const risk = highestRisk(reasons.filter((one) => one.stack === stack.stack).map((one) => one.risk));
  if (!isPlanned(stack)) {
    const { stack: name, problem } = stack;
    return {
      stack: name,
      status: "failed",
      risk,
      changes: 0,
      needsReview: true,
      engineVersion: null,
      problem,
    };
  }
  const { plan } = stack;
  return {
    stack: stack.stack,
    status: plan.isComplete ? "planned" : "incomplete",
    risk,
    changes: plan.changes.filter(({ action, isData }) => action !== "no-op" && !isData).length,
    needsReview: risk !== "none" && risk !== "routine",
    engineVersion: plan.engineVersion,
    problem: null,
  };
}

const OURS: ReadonlySet<string> = new Set([PUBLIC_FACTS_OUTPUT, HOST_SETTINGS_OUTPUT]);

function observedHosts(stacks: readonly PlannedStack[]): ObservedHost[] {
  return stacks.flatMap(({ stack, plan }) =>
    plan.changes.flatMap(({ before, after }) => {
      const values = after ?? before;
      if (values?.kind !== "served") return [];
      const { host, status, mismatches } = values;
      return [{ stack, host, status, mismatches }];
    }),
  );
}

/** Without those of this package: every renewal changes the public facts, and changed settings of hosts are a reason of the risk. */
function outputChanges(stacks: readonly PlannedStack[]): OutputChange[] {
  return stacks.flatMap(({ stack, plan }) =>
    plan.outputs
      .filter(({ name, action }) => action !== "no-op" && !OURS.has(name))
      .map(({ name, action }) => ({ stack, name, action })),
  );
}
