import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { codeBlocks } from "../../docs/support/code-blocks";
import { type CommandResult, mustRun, runCommand } from "../../support/commands";
import { findEngines } from "../../support/engine";
import { engineUnderTest, requireEngine } from "../../support/engine-under-test";
import { type NodeVersion, pathWithNode } from "../../support/node-installation";

/** The commands of the one block of a page that begins with `start`, as they stand there. */
export function commandsOf(page: string, start: string): string {
  const found = codeBlocks(page).filter(({ language, code }) => language === "sh" && code.startsWith(start));
  if (found.length !== 1) throw new Error(`${page} has ${found.length} blocks that begin with "${start}"`);
  return found[0]?.code as string;
}

/** A directory in which the README's commands are run as a person would, with one version of Node. */
export class ReadmeProject {
  constructor(
    readonly directory: string,
    private readonly node: NodeVersion,
    private readonly environment: Readonly<Record<string, string>> = {},
  ) {
    mkdirSync(join(directory, HOME), { recursive: true });
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.directory, name)), { recursive: true });
    writeFileSync(join(this.directory, name), text);
  }

  /** @throws Error with the end of what was printed */
  async mustRun(commands: string): Promise<string> {
    const { stdout } = await mustRun(this.#shell(commands), this.#options());
    return stdout;
  }

  run(commands: string): Promise<CommandResult> {
    return runCommand(this.#shell(commands), this.#options());
  }

  #shell(commands: string): [string, ...string[]] {
    return ["sh", "-ec", commands.replaceAll(/^terraform /gm, `${engineCommand()} `)];
  }

  #options() {
    return {
      cwd: this.directory,
      env: {
        ...withoutEngineSettings(),
        CHECKPOINT_DISABLE: "1",
        HOME: join(this.directory, HOME),
        PATH: pathWithNode(this.node),
        // Answers that a person would give.
        TF_CLI_ARGS_apply: "-auto-approve",
        CDKTF_AUTO_APPROVE: "true",
        TERRAFORM_BINARY_NAME: engineCommand(),
        // What was fetched before need not be fetched again: the tests before this one have done the same.
        npm_config_cache: process.env.npm_config_cache ?? `${process.env.HOME}/.npm`,
        npm_config_prefer_offline: "true",
        npm_config_audit: "false",
        npm_config_fund: "false",
        ...this.environment,
      },
    };
  }
}

const HOME = ".home";

/** What a person has set for an engine counts for nothing here. */
function withoutEngineSettings(): Record<string, string> {
  const names = Object.keys(process.env).filter((name) => /^(TF|TERRAFORM|CDKTF)_/.test(name));
  return Object.fromEntries(names.map((name) => [name, ""]));
}

function engineCommand(): string {
  return engineUnderTest.missing === null
    ? requireEngine().executable
    : (findEngines()[0]?.name ?? "terraform");
}
