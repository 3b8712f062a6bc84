import type { PlanChanges } from "../../changes/plan-changes";
import { diagnosticSection } from "./diagnostics";
import { domainSection } from "./domains";
import { driftSection } from "./drift";
import { findingSection } from "./findings";
import { hostSection } from "./hosts";
import { otherSection } from "./others";
import { pendingSection } from "./pending";
import { removedSection } from "./removed";
import { Naming, type Section } from "./section";
import { servedSection } from "./served";
import { stackSection } from "./stacks";

/** The parts of a report behind its headline, in the order in which they are shown. Empty ones are left out. */
export function sectionsOf(changes: PlanChanges): Section[] {
  const naming = new Naming(changes.stacks.map(({ stack }) => stack));
  return [
    servedSection(changes.served, naming),
    removedSection(changes.hosts, naming),
    domainSection(changes.domains, naming),
    hostSection(changes.hosts, naming),
    driftSection(changes, naming),
    pendingSection(changes.hosts, naming),
    otherSection(changes, naming),
    diagnosticSection(changes.diagnostics, naming),
    stackSection(changes.stacks),
    findingSection(changes.findings),
  ].filter(({ rows, note }) => rows.length > 0 || note !== null);
}
