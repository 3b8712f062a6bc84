import type { ProjectFlags } from "../inputs/project-options";

/** The options as commander parses them. */
export interface RenewFlags extends Omit<ProjectFlags, "facts"> {
  readonly from?: string;
  /** False for `--no-verify`. */
  readonly verify: boolean;
  readonly ca?: readonly string[];
  readonly systemRoots: boolean;
  /** In seconds. */
  readonly lockTimeout: number;
  /** The time between two runs, in milliseconds. */
  readonly runInterval: number;
  readonly warnDays: number;
  readonly notify?: string;
  readonly json?: boolean;
}
