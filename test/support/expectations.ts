import { expect } from "vitest";
import type { RunOptions, Workspace } from "./workspace";

/** What is declared is there: the plan is empty, and shows what is not where it fails. */
export async function expectNothingToDo(workspace: Workspace, options?: RunOptions): Promise<void> {
  const { exitCode, output } = await workspace.plan(options);
  expect(exitCode, output).toBe(0);
}
