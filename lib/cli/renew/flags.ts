import type { ProjectFlags } from "../inputs/project-options";
import type { RootFlags } from "../inputs/root-options";

/** The options as commander parses them. */
export interface RenewFlags extends Omit<ProjectFlags, "facts">, RootFlags {
  readonly from?: string;
  /** False for `--no-verify`. */
  readonly verify: boolean;
  /** In seconds. */
  readonly lockTimeout: number;
  /** The time between two runs, in milliseconds. */
  readonly runInterval: number;
  readonly warnDays: number;
  readonly notify?: string;
  readonly json?: boolean;
}
