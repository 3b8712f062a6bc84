import type { IConstruct } from "constructs";
import { RULES } from "../rules";
import { acknowledgementOf } from "./acknowledgements";
import type { Acknowledgement, Finding } from "./finding";
import type { ReviewedHost } from "./reviewed-host";
import { type Occurrence, type SniRule, unique } from "./rule";
import { SEVERITIES } from "./severity";

/** The findings of all rules about the hosts of a stack, acknowledged ones included. */
export function review(hosts: readonly ReviewedHost[]): Finding[] {
  return RULES.flatMap((rule) => findings(rule, hosts));
}

/**
 * The findings of a rule: one for each kind of occurrence, and separate ones for acknowledged and other
 * occurrences.
 */
function findings<Detail>(rule: SniRule<Detail>, hosts: readonly ReviewedHost[]): Finding[] {
  const groups = new Map<string, Group<Detail>>();
  for (const occurrence of rule.find(hosts)) {
    const acknowledgement = acknowledgementOf(rule.code, occurrence.about);
    if (acknowledgement === undefined && occurrence.isHere === false) continue;
    const key = `${acknowledgement?.scope.node.path} ${occurrence.kind}`;
    const group = groups.get(key) ?? { acknowledgement, occurrences: [] };
    group.occurrences.push(occurrence);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ acknowledgement, occurrences }) => ({
    code: rule.code,
    error: rule.describe(occurrences.map(({ detail }) => detail)),
    severity: SEVERITIES[rule.code],
    construct: commonScope(unique(occurrences.map(({ about }) => about[0]))),
    acknowledgement,
    subjects: unique(occurrences.map(({ detail }) => rule.summarize(detail))),
  }));
}

interface Group<Detail> {
  readonly acknowledgement?: Acknowledgement;
  readonly occurrences: Occurrence<Detail>[];
}

/** The nearest construct at or above all of them. */
function commonScope(constructs: readonly IConstruct[]): IConstruct {
  const [first, ...others] = constructs.map(({ node }) => node.scopes) as [IConstruct[], ...IConstruct[][]];
  const common = first.filter((scope, depth) => others.every((scopes) => scopes[depth] === scope));
  return common.at(-1) as IConstruct;
}
