import type { ProjectFlags } from "../../inputs/project-options";
import type { SavedPlan } from "./saved";

/** The options of `plan` as commander parses them. */
export interface PlanFlags extends Omit<ProjectFlags, "facts"> {
  readonly saved?: readonly SavedPlan[];
  readonly refresh: boolean;
  readonly baseTable?: string;
  readonly markdown?: string;
  readonly html?: string;
  readonly json?: boolean;
  /** The maximum number of characters of the Markdown. */
  readonly limit: number;
  readonly detailedExitcode?: boolean;
}
