import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { listed } from "../../shared/errors/wording";
import { JsonError } from "../../shared/json/json-error";
import type { Member } from "../../shared/json/member";
import { parseJson } from "../../shared/json/parse-json";
import { LONGEST_PATH } from "../../shared/transport/paths";
import { CliError } from "../errors/cli-error";
import { isInside } from "./is-inside";
import { neededText, regularText } from "./text-file";

/** A stack in the output of `cdktf synth`. */
export interface SynthesizedStack {
  readonly name: string;
  /** The working directory of the engine for this stack. */
  readonly directory: string;
}

const PROJECT_FILE = "cdktf.json";
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_STACKS = 10_000;

/** A cdktf project: its `cdktf.json`, and the output of `cdktf synth`. */
export class Project {
  /**
   * The project of a directory.
   *
   * @param environment `CDKTF_OUTPUT` overrides `output` of `cdktf.json`, as it does for cdktf
   * @returns null if there is no `cdktf.json`
   * @throws CliError `CLI_PROJECT_INVALID`
   */
  static in(directory: string, environment: NodeJS.ProcessEnv): Project | null {
    const path = join(directory, PROJECT_FILE);
    if (!existsSync(path)) return null;
    return parseProjectFile(path, (document) => {
      const output = document.member("output").optional((member) => member.text(LONGEST_PATH));
      const table = document
        .member("context")
        .optional((context) => context.member("mail-sni:table").optional(tableDirectory));
      return new Project(
        resolve(directory, environment.CDKTF_OUTPUT || (output ?? "cdktf.out")),
        table === false ? null : resolve(directory, table ?? ".", "sni-table.json"),
      );
    });
  }

  /** A copy of the output of `cdktf synth`, with `sni-table.json` in it. It needs no `cdktf.json`. */
  static copiedTo(directory: string): Project {
    const absolute = resolve(directory);
    return new Project(absolute, join(absolute, "sni-table.json"));
  }

  private constructor(
    /** Where synth writes the stacks' directories: an absolute path. */
    readonly outputDirectory: string,
    /** Where synth writes `sni-table.json`; null if the context `mail-sni:table` disables it. */
    readonly tablePath: string | null,
  ) {}

  /**
   * The stacks, in the order of `manifest.json`.
   *
   * @throws CliError `CLI_NOT_SYNTHESIZED`, `CLI_PROJECT_INVALID`
   */
  stacks(): readonly SynthesizedStack[] {
    const path = join(this.outputDirectory, "manifest.json");
    if (!existsSync(path)) {
      throw new CliError(
        "CLI_NOT_SYNTHESIZED",
        `There is no ${path}.`,
        "Run cdktf synth, and terraform init in the stack's directory.",
      );
    }
    return parseProjectFile(path, (document) =>
      document
        .member("stacks")
        .entries(MOST_STACKS, (stack) => this.directoryOf(stack.member("workingDirectory")))
        .map(([name, directory]) => ({ name, directory })),
    );
  }

  /**
   * One of the stacks.
   *
   * @throws CliError `CLI_NOT_SYNTHESIZED`, `CLI_PROJECT_INVALID`, `CLI_STACK_UNKNOWN`
   */
  stack(name: string): SynthesizedStack {
    const stacks = this.stacks();
    const stack = stacks.find((one) => one.name === name);
    if (stack === undefined)
      throw unknownStack(
        name,
        stacks.map((one) => one.name),
      );
    return stack;
  }

  private directoryOf(workingDirectory: Member): string {
    const path = workingDirectory.text(LONGEST_PATH);
    if (path.includes("\0")) throw workingDirectory.error("is not a path");
    const directory = resolve(this.outputDirectory, path);
    // The engine runs in this directory.
    if (!isInside(this.outputDirectory, directory)) throw workingDirectory.error("leads out of the output");
    return directory;
  }
}

export function unknownStack(name: string, stacks: readonly string[]): CliError {
  return new CliError(
    "CLI_STACK_UNKNOWN",
    `There is no stack ${JSON.stringify(name)}.`,
    stacks.length === 0
      ? "The project has no stacks: run cdktf synth."
      : `Give one of ${listed(stacks)}; or run cdktf synth, if it is new.`,
  );
}

/** The value of the context `mail-sni:table`: a directory, or false. */
function tableDirectory(context: Member): string | false {
  return context.isFalse ? false : context.text(LONGEST_PATH);
}

/**
 * Reads a JSON file of a cdktf project: `cdktf.json`, or one that a synth has written.
 *
 * @throws CliError `CLI_PROJECT_INVALID`
 */
export function parseProjectFile<T>(path: string, parse: (document: Member) => T): T {
  try {
    return parse(
      parseJson(
        neededText(path, MOST_BYTES, (reason) => unreadable(path, reason), regularText),
        MOST_BYTES,
      ),
    );
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new CliError(
      "CLI_PROJECT_INVALID",
      `${path} is not as cdktf has it: ${error.message}`,
      isSynthesized(path) ? "Run cdktf synth, which writes it again." : "Repair it.",
    );
  }
}

function unreadable(path: string, reason: string): CliError {
  return new CliError(
    "CLI_PROJECT_INVALID",
    `${path} cannot be read: ${reason}.`,
    isSynthesized(path)
      ? "Make it readable, or run cdktf synth, which writes it again."
      : "Make it readable, or give another directory with --project.",
  );
}

/** Whether a synth writes the file: an administrator writes `cdktf.json` alone. */
function isSynthesized(path: string): boolean {
  return basename(path) !== PROJECT_FILE;
}
