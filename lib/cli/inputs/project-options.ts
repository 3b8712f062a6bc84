import type { Command } from "commander";
import { CliError } from "../errors/cli-error";
import { distinct } from "../options/collected";
import { Project } from "./project";

/** The options that select the project, as commander parses them. */
export interface ProjectFlags {
  readonly project?: string;
  readonly stack?: readonly string[];
  readonly table?: string;
  /** False for `--no-facts`. */
  readonly facts?: string | boolean;
  readonly engine?: string;
}

/**
 * Adds the options that select the project to a command.
 *
 * @param facts whether the public facts can come from a file
 */
export function withProjectOptions(command: Command, { facts = true } = {}): Command {
  command
    .option("--project <directory>", "directory of cdktf.json (default: the working directory)")
    .option("-s, --stack <name>", "this stack alone; may be repeated", distinct)
    .option("-t, --table <file>", "table of who is served what (default: where synth writes sni-table.json)");
  if (facts) {
    command.option(
      "-f, --facts <file>",
      "what `terraform output -json mail_sni` wrote (default: the engine is run in the stack's directory)",
    );
  }
  return command.option(
    "--engine <path>",
    "Terraform or OpenTofu (default: what TERRAFORM_BINARY_NAME says, then terraform)",
  );
}

/**
 * The project that the options name.
 *
 * @returns null if no directory was named and there is none in the working directory
 * @throws CliError `CLI_PROJECT_MISSING`, `CLI_PROJECT_INVALID`
 */
export function projectOf(
  { project: directory }: ProjectFlags,
  environment: NodeJS.ProcessEnv,
): Project | null {
  const project = Project.in(directory ?? ".", environment);
  if (project === null && directory !== undefined) throw noProject(directory);
  return project;
}

export function noProject(directory: string): CliError {
  return new CliError(
    "CLI_PROJECT_MISSING",
    `There is no cdktf.json in ${directory === "." ? "the working directory" : directory}.`,
    "Run this in the directory of a cdktf project, or name it with --project DIRECTORY.",
  );
}
