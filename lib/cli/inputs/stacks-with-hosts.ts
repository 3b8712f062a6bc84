import { CliError } from "../errors/cli-error";
import type { Project } from "./project";
import { readTable, stacksOf } from "./table";

/**
 * The stacks of a project that have mail hosts: its only one, or those of the table.
 *
 * @param table its path @default where synth writes it
 * @throws CliError `CLI_STACK_UNKNOWN` if there are none: nothing to do is not that all is well
 */
export function stacksWithHosts(project: Project, table: string | undefined): readonly string[] {
  const all = project.stacks().map(({ name }) => name);
  const path = table ?? project.tablePath;
  const stacks = all.length === 1 || path === null ? all : stacksOf(readTable(path));
  if (stacks.length === 0) throw withoutStacks();
  return stacks;
}

export function withoutStacks(): CliError {
  return new CliError(
    "CLI_STACK_UNKNOWN",
    "The project has no stack with mail hosts.",
    "Run cdktf synth, or give a stack with --stack NAME.",
  );
}
