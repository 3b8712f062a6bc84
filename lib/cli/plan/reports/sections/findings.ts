import { groupBy } from "../../../../shared/grouping";
import { line, listOf } from "../../../output/line";
import type { RuleFinding } from "../../changes/plan-changes";
import type { Section } from "./section";

/** What the rules have found at synth, whether it is new or not: each text once. */
export function findingSection(findings: readonly RuleFinding[]): Section {
  return {
    title: "Warnings of the rules",
    columns: ["Stack", "What the rules have found"],
    rows: [...groupBy(findings, ({ text }) => text)].map(([text, ones]) => [
      listOf([...new Set(ones.map(({ stack }) => stack))], 3),
      line`${text}`,
    ]),
    note: null,
    importance: 1,
    isFolded: true,
  };
}
