import { groupBy } from "../../../../shared/grouping";
import { counted, type Line, line, listOf, word } from "../../../output/line";
import type { Drift, DriftedPath } from "../../changes/drift";
import type { ObservedHost, PlanChanges } from "../../changes/plan-changes";
import type { Naming, Row, Section } from "./section";

/** What is not as the last apply left it. */
export function driftSection({ drift, observed }: PlanChanges, naming: Naming): Section {
  return {
    title: "Changed outside of the engine",
    columns: ["Where", "What"],
    rows: [
      ...drift.flatMap((one) => rowsOf(one, naming)),
      ...observed.filter(isWorthALine).map((one) => observedRow(one, naming)),
    ],
    note: null,
    importance: 6,
    isFolded: false,
  };
}

function rowsOf({ stack, host, address, change, paths, attributes }: Drift, naming: Naming): Row[] {
  if (host === null) {
    const what = change === "missing" ? word("no longer there") : changedAttributes(attributes);
    return [[line`${naming.of(address, stack)}`, what]];
  }
  const on = line`${naming.of(host, stack)}`;
  const byDrift = groupBy(paths, ({ drift }) => drift);
  if (change === "missing") return [[on, line`nothing is left of ${address}`]];
  return [...byDrift].map(([drift, ones]) => [
    on,
    line`${word(OF_PATHS[drift])}: ${listOf(ones.map(({ path }) => path))}`,
  ]);
}

function changedAttributes(attributes: readonly string[]): Line {
  return attributes.length === 0 ? word("changed") : line`changed: ${listOf(attributes)}`;
}

const OF_PATHS: Readonly<Record<DriftedPath["drift"], string>> = {
  missing: "missing",
  changed: "other contents",
  permissions: "other permissions",
};

function isWorthALine({ status, mismatches }: ObservedHost): boolean {
  return status === "unreachable" || mismatches > 0;
}

function observedRow({ host, stack, status, mismatches }: ObservedHost, naming: Naming): Row {
  const on = line`${naming.of(host, stack)}`;
  if (status === "unreachable") return [on, word("could not be asked which certificates it serves")];
  return [on, line`serves other certificates than the installed ones, in ${counted(mismatches, "case")}`];
}
