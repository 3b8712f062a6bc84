import { word } from "../../../output/line";
import type { PlanChanges } from "../../changes/plan-changes";
import type { Risk } from "../../changes/risk";
import { adviceOf, reasonLine } from "../sections/headline";
import { sectionsOf } from "../sections/sections";
import { type Block, sectionBlock } from "./blocks";
import { markdownLine } from "./escaped";
import { fitted } from "./limit";

/** The longest comment that GitHub takes, in characters. */
export const GITHUB_LIMIT = 65_536;

/** The headline and a sentence for each part, if nothing else has room. */
export const SMALLEST_LIMIT = 2000;

const SIGNS: Readonly<Record<Risk, string>> = {
  none: "⚪",
  routine: "🟢",
  additions: "🔵",
  attention: "🟡",
  danger: "🔴",
};

/** Room for the sentence that says that the report is cut. */
const CUT_CHARACTERS = 200;

/**
 * A comment for a pull request, or a merge request.
 *
 * @param limit the maximum number of characters
 */
export function markdownReport(changes: PlanChanges, limit: number): string {
  const blocks = [reasonBlock(changes), ...sectionsOf(changes).map(sectionBlock)];
  const title = titleOf(changes);
  const whole = fitted(blocks, limit - title.length);
  if (whole.leftOut === 0) return `${title}${whole.text}`;
  const { text, leftOut } = fitted(blocks, limit - title.length - CUT_CHARACTERS);
  return `${title}\n**Cut to ${limit} characters: ${leftOut} rows are left out below.** \`--html\` and \`--json\` have all.\n${text}`;
}

function titleOf(changes: PlanChanges): string {
  const { risk } = changes;
  return `## ${SIGNS[risk]} mail-sni plan: ${risk}\n\n${markdownLine(word(adviceOf(changes)))}\n`;
}

function reasonBlock(changes: PlanChanges): Block {
  const { reasons } = changes;
  return {
    title: "Reasons",
    head: reasons.length === 0 ? "" : "\n",
    rows: reasons.map(
      (reason) => `- ${SIGNS[reason.risk]} **${reason.risk}** ${markdownLine(reasonLine(reason, changes))}\n`,
    ),
    tail: "",
    importance: 10,
  };
}
