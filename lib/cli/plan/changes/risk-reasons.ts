import { groupBy } from "../../../shared/grouping";
import type { DomainChange, DomainChangeKind } from "./domain-changes";
import type { Drift } from "./drift";
import type { HostChange } from "./host-changes";
import { hostReasons } from "./host-reasons";
import { type AddressChange, isRepetition, type OtherChange } from "./other-changes";
import { type FailedStack, isPlanned, type PlannedStack } from "./planned-stack";
import { listReason, type Reason, type Risk, type RiskReason } from "./risk";
import type { ServedChanges } from "./served-changes";
import { servedReasons } from "./served-reasons";

interface Found {
  readonly domains: readonly DomainChange[];
  readonly hosts: readonly HostChange[];
  readonly served: ServedChanges | null;
  readonly drift: readonly Drift[];
  readonly others: readonly OtherChange[];
  readonly addresses: readonly AddressChange[];
}

/** Everything that makes the risk of a plan: one line for all changes of a kind in a stack. */
export function riskReasons(
  stacks: readonly (PlannedStack | FailedStack)[],
  { domains, hosts, served, drift, others, addresses }: Found,
): RiskReason[] {
  const ofStacks = stacks.flatMap((planned) => {
    const isOfStack = ({ stack }: { readonly stack: string }) => stack === planned.stack;
    return [
      ...incompletePlan(planned),
      ...actionReasons(planned),
      ...settingsReasons(planned),
      ...domainReasons(domains.filter(isOfStack)),
      ...hostReasons(hosts.filter(isOfStack)),
      ...driftReasons(drift.filter(isOfStack)),
      ...otherReasons(others.filter(isOfStack)),
      ...addressReasons(addresses.filter(isOfStack)),
    ].map((reason) => ({ ...reason, stack: planned.stack }));
  });
  return [
    ...ofStacks,
    ...(served === null ? [] : servedReasons(served)).map((reason) => ({ ...reason, stack: null })),
  ];
}

function incompletePlan(stack: PlannedStack | FailedStack): Reason[] {
  if (!isPlanned(stack)) return listReason("danger", "Stacks that could not be planned", [stack.stack]);
  if (stack.plan.isComplete) return [];
  return listReason("danger", "Planning stopped, and changes are missing from this report", [stack.stack]);
}

function actionReasons(stack: PlannedStack | FailedStack): Reason[] {
  const actions = isPlanned(stack) ? stack.plan.actions : [];
  return listReason("attention", "Actions that the apply runs", actions);
}

function settingsReasons(stack: PlannedStack | FailedStack): Reason[] {
  const hosts = isPlanned(stack) ? stack.plan.changedHosts : [];
  return listReason(
    "attention",
    "Other settings of hosts, such as the address, the commands or the default domain",
    hosts,
  );
}

/** What happens to domains, by kind. */
const OF_DOMAINS: Readonly<Record<DomainChangeKind, readonly [risk: Risk, title: string]>> = {
  replaced: ["danger", "Certificates destroyed and created again"],
  gone: ["attention", "Domains gone"],
  "issued here": ["attention", "Certificates issued by this stack from now on"],
  "not issued here": ["attention", "Certificates no longer issued by this stack"],
  changed: ["attention", "Other settings of certificates"],
  reissued: ["attention", "Certificates reissued before they are due"],
  new: ["additions", "New domains"],
  renewed: ["routine", "Due for renewal"],
};

function domainReasons(domains: readonly DomainChange[]): Reason[] {
  const kinds = groupBy(domains.filter(needsReason), ({ change }) => change);
  const removed = domains.filter(({ change }) => change !== "gone").flatMap((one) => one.namesRemoved);
  const added = domains.filter(({ change }) => change !== "new").flatMap((one) => one.namesAdded);
  return [
    ...[...kinds].flatMap(([kind, ones]) => {
      const [risk, title] = OF_DOMAINS[kind];
      return listReason(
        risk,
        title,
        ones.map(({ domain }) => domain),
      );
    }),
    ...listReason("attention", "Names removed from certificates", removed),
    ...listReason("additions", "Names added to certificates", added),
  ];
}

/** Changes of names have lines of their own. */
function needsReason({ change, reason, namesAdded, namesRemoved, attributes }: DomainChange): boolean {
  const hasNames = namesAdded.length + namesRemoved.length > 0;
  if (change === "reissued") return !(hasNames && (reason === "names" || reason === null));
  return !(change === "changed" && hasNames && attributes.every((one) => NAMES.includes(one)));
}

const NAMES: readonly string[] = ["names", "optional_names", "dns_names", "provable_names"];

function driftReasons(drift: readonly Drift[]): Reason[] {
  const hosts = [...new Set(drift.flatMap(({ host }) => (host === null ? [] : [host])))];
  const others = drift.filter(({ host }) => host === null).map(({ address }) => address);
  return [
    ...listReason("attention", "Changed on hosts outside of the engine", hosts),
    ...listReason("attention", "Changed outside of the engine", others),
  ];
}

function otherReasons(others: readonly OtherChange[]): Reason[] {
  return [...groupBy(others, groupOf).values()].flatMap((ones) => {
    const [{ kind, action }] = ones;
    const title = isRepetition(ones[0])
      ? `${OF_OTHERS[kind]} that run again`
      : `${OF_OTHERS[kind]} ${ACTIONS[action] ?? action}`;
    return listReason(
      riskOfOther(ones[0]),
      title,
      ones.map(({ address }) => address),
    );
  });
}

function groupOf(change: OtherChange): string {
  return `${change.kind} ${change.action} ${isRepetition(change)}`;
}

function riskOfOther(change: OtherChange): Risk {
  const { kind, action } = change;
  if (kind === "renewers") return isRepetition(change) ? "routine" : "attention";
  if (kind === "job")
    return isRepetition(change) ? "routine" : action === "create" ? "additions" : "attention";
  const isLost = action === "delete" || action === "replace" || action === "forget";
  if (kind === "staged file") return action === "delete" ? "attention" : isLost ? "routine" : "additions";
  if (action === "forget" && kind === "other provider") return "attention";
  if (isLost) return "danger";
  return action === "create" ? "additions" : "attention";
}

const OF_OTHERS: Readonly<Record<OtherChange["kind"], string>> = {
  issuer: "Resources that certificates depend on",
  job: "Jobs on hosts",
  renewers: "Old renewers on hosts",
  "staged file": "Files of a staging tree",
  "other provider": "Resources of other providers, whose contents are not shown here,",
};

/** What an apply does to a resource. */
const ACTIONS: Readonly<Record<string, string>> = {
  create: "created",
  update: "updated",
  replace: "destroyed and created again",
  delete: "destroyed",
  forget: "removed from the state",
};

function addressReasons(addresses: readonly AddressChange[]): Reason[] {
  return [...groupBy(addresses, ({ change }) => change)].flatMap(([change, ones]) => {
    const [risk, title] = OF_ADDRESSES[change];
    return listReason(
      risk,
      title,
      ones.map(({ address }) => address),
    );
  });
}

const OF_ADDRESSES: Readonly<Record<AddressChange["change"], readonly [risk: Risk, title: string]>> = {
  moved: ["routine", "Resources with another address"],
  imported: ["attention", "Resources imported into the state"],
  deposed: ["attention", "Resources left over from a replacement, and destroyed"],
};
