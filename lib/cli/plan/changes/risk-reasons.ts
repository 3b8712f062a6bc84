import { groupBy } from "../../../shared/grouping";
import { counted, joined, type Line, line, listOf, word } from "../../output/line";
import type { DomainChange, DomainChangeKind } from "./domain-changes";
import type { Drift } from "./drift";
import type { FileChange } from "./file-changes";
import type { HostChange } from "./host-changes";
import type { AddressChange, OtherChange } from "./other-changes";
import { type FailedStack, isPlanned, type PlannedStack } from "./planned-stack";
import type { Risk, RiskReason } from "./risk";
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
      ...domainReasons(domains.filter(isOfStack)),
      ...hosts.filter(isOfStack).flatMap(hostReasons),
      ...driftReasons(drift.filter(isOfStack)),
      ...otherReasons(others.filter(isOfStack)),
      ...addressReasons(addresses.filter(isOfStack)),
    ].map((reason) => ({ ...reason, stack: planned.stack }));
  });
  return [...ofStacks, ...(served === null ? [] : servedReasons(served))];
}

type Reason = Omit<RiskReason, "stack">;
const reason = (risk: Risk, text: Line): Reason => ({ risk, text });

function incompletePlan(stack: PlannedStack | FailedStack): Reason[] {
  if (!isPlanned(stack)) return [reason("danger", line`The stack ${stack.stack} could not be planned.`)];
  if (stack.plan.isComplete) return [];
  return [
    reason(
      "danger",
      line`The plan of ${stack.stack} stopped at an error: changes are missing from this report.`,
    ),
  ];
}

/** What happens to domains, by kind. */
const OF_DOMAINS: Readonly<Record<DomainChangeKind, readonly [risk: Risk, happens: string]>> = {
  replaced: ["danger", "gets another certificate in place of one that is destroyed"],
  gone: ["attention", "goes"],
  "issued here": ["attention", "gets its certificate from this stack from now on"],
  "not issued here": ["attention", "no longer gets its certificate from this stack"],
  changed: ["attention", "has other settings for its certificate"],
  reissued: ["attention", "is reissued a certificate before it is due"],
  new: ["additions", "is new"],
  renewed: ["routine", "is due for renewal"],
};

function domainReasons(domains: readonly DomainChange[]): Reason[] {
  const kinds = groupBy(domains.filter(needsReason), ({ change }) => change);
  const removed = domains.filter(({ change, namesRemoved }) => change !== "gone" && namesRemoved.length > 0);
  const added = domains.filter(({ change, namesAdded }) => change !== "new" && namesAdded.length > 0);
  return [
    ...[...kinds].map(([kind, ones]) => {
      const [risk, happens] = OF_DOMAINS[kind];
      return reason(risk, line`${domainsOf(ones)}: ${word(happens)}.`);
    }),
    ...(removed.length > 0
      ? [reason("attention", line`Names are removed: ${listOf(removed.flatMap((one) => one.namesRemoved))}.`)]
      : []),
    ...(added.length > 0
      ? [reason("additions", line`Names are added: ${listOf(added.flatMap((one) => one.namesAdded))}.`)]
      : []),
  ];
}

/** Changes of names have lines of their own. */
function needsReason({ change, reason, namesAdded, namesRemoved, attributes }: DomainChange): boolean {
  const hasNames = namesAdded.length + namesRemoved.length > 0;
  if (change === "reissued") return !(hasNames && (reason === "names" || reason === null));
  return !(change === "changed" && hasNames && attributes.every((one) => NAMES.includes(one)));
}

const NAMES: readonly string[] = ["names", "optional_names", "dns_names", "provable_names"];

function domainsOf(domains: readonly DomainChange[]): Line {
  const names = listOf(domains.map(({ domain }) => domain));
  return domains.length === 1 ? names : line`${counted(domains.length, "domain")} (${names})`;
}

function hostReasons({
  host,
  change,
  files,
  links,
  directories,
  otherAttributes,
  pending,
}: HostChange): Reason[] {
  if (change === "gone") return [reason("danger", line`The host ${host} is removed.`)];
  const of = (kinds: readonly FileChange["change"][]) => files.filter((file) => kinds.includes(file.change));
  const explained = of(["changed"]).filter(({ hasOtherNames }) => hasOtherNames);
  const others = of(["changed"]).filter(({ hasOtherNames }) => !hasOtherNames);
  const modes = files.filter(({ permissions }) => permissions !== null);
  const moved = links.filter((link) => link.change !== "added");
  const removed = directories.filter((one) => one.change === "removed");
  const about = (risk: Risk, count: number, noun: string, happens: string) =>
    count === 0 ? [] : [reason(risk, line`${host}: ${counted(count, noun)} ${word(happens)}.`)];
  return [
    ...(change === "new" ? [reason("additions", line`The host ${host} is new.`)] : []),
    ...about("attention", of(["removed"]).length, "file", "removed"),
    ...about("attention", of(["kept"]).length, "file", "no longer declared, and left on the host"),
    ...about(
      "attention",
      of(["restored"]).length,
      "file",
      "written again, as the host has lost or changed it",
    ),
    ...about("attention", others.length, "file", "with other contents"),
    ...about("attention", modes.length, "file", "with other permissions"),
    ...about("attention", moved.length, "link", "moved or removed"),
    ...about("attention", removed.length, "directory", "no longer declared"),
    ...(otherAttributes.length === 0
      ? []
      : [
          reason("attention", line`${host}: ${listOf(otherAttributes.map((one) => one.attribute))} changed.`),
        ]),
    ...about("additions", of(["added"]).length, "new file", "written"),
    ...about("additions", explained.length, "file", "rewritten for other names"),
    ...about("routine", of(["certificate"]).length, "file", "with another certificate"),
    ...about("routine", pending.length, "pending activation", "completed"),
  ];
}

function driftReasons(drift: readonly Drift[]): Reason[] {
  const hosts = [...new Set(drift.flatMap(({ host }) => (host === null ? [] : [host])))];
  const others = drift.filter(({ host }) => host === null);
  return [
    ...(hosts.length === 0
      ? []
      : [reason("attention", line`Something was changed by hand on ${listOf(hosts)}.`)]),
    ...(others.length === 0
      ? []
      : [
          reason(
            "attention",
            line`Something was changed outside of the engine: ${listOf(others.map(({ address }) => address))}.`,
          ),
        ]),
  ];
}

function otherReasons(others: readonly OtherChange[]): Reason[] {
  return [...groupBy(others, (other) => `${other.kind} ${other.action}`).values()].map((ones) => {
    const [{ kind, action }] = ones;
    const what = line`${OF_OTHERS[kind]} ${word(ACTIONS[action] ?? action)}`;
    return reason(riskOfOther(ones[0]), line`${what}: ${listOf(ones.map(({ address }) => address))}.`);
  });
}

function riskOfOther({ kind, action }: OtherChange): Risk {
  const isLost = action === "delete" || action === "replace" || action === "forget";
  if (kind === "staged file") return action === "delete" ? "attention" : isLost ? "routine" : "additions";
  if (action === "forget" && kind === "other provider") return "attention";
  if (isLost) return "danger";
  return action === "create" ? "additions" : "attention";
}

const OF_OTHERS: Readonly<Record<OtherChange["kind"], Line>> = {
  issuer: word("Resources that others depend on"),
  "staged file": word("Files of a staging tree"),
  "other provider": word("Resources of other providers, whose contents are not shown here,"),
};

/** What an apply does to a resource. */
const ACTIONS: Readonly<Record<string, string>> = {
  create: "are created",
  update: "are updated",
  replace: "are destroyed and made anew",
  delete: "are destroyed",
  forget: "leave the state",
};

function addressReasons(addresses: readonly AddressChange[]): Reason[] {
  return [...groupBy(addresses, ({ change }) => change)].map(([change, ones]) => {
    const names = joined(
      [word(`Resources that ${OF_ADDRESSES[change][1]}`), listOf(ones.map((one) => one.address))],
      ": ",
    );
    return reason(OF_ADDRESSES[change][0], line`${names}.`);
  });
}

const OF_ADDRESSES: Readonly<Record<AddressChange["change"], readonly [Risk, string]>> = {
  moved: ["routine", "have another address from now on"],
  imported: ["attention", "are taken into the state"],
  deposed: ["attention", "are left from a replacement, and destroyed"],
};
