import { spawnSync } from "node:child_process";
import type { Requirement } from "./machine";

/** For suites that install what npm has today. */
export const npmRegistry: Requirement = { missing: whatIsMissing() };

function whatIsMissing(): string | null {
  const { status } = spawnSync("npm", ["view", "typescript", "version"], { timeout: 30_000 });
  return status === 0 ? null : "npm reaches no registry";
}
