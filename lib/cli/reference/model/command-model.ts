import type { Argument, Command, Option } from "commander";

/** A command and its options as data, from which completion scripts and the manual page are generated. */
export interface CommandModel {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  readonly description: string;
  readonly arguments: readonly ArgumentModel[];
  readonly options: readonly OptionModel[];
  readonly commands: readonly CommandModel[];
}

export interface ArgumentModel {
  /** The argument as in the usage line: `[names...]`. */
  readonly usage: string;
  readonly description: string;
  /** The allowed values; empty if they cannot be listed. */
  readonly words: readonly string[];
}

export interface OptionModel {
  /** The short form, such as `-c`. */
  readonly short: string | null;
  /** The long form, such as `--connect`. */
  readonly long: string;
  readonly description: string;
  /** Null if the option takes no value. */
  readonly value: ValueModel | null;
}

export interface ValueModel {
  /** The name without brackets: `address`. */
  readonly name: string;
  readonly kind: "file" | "directory" | "other";
}

/** Converts the definition of a commander command, its help and version options included. */
export function commandModel(command: Command): CommandModel {
  const help = command.createHelp();
  return {
    name: command.name(),
    summary: command.summary() || command.description(),
    description: command.description(),
    arguments: command.registeredArguments.map(argumentModel),
    options: help
      .visibleOptions(command)
      .map((option) => optionModel(option, help.optionDescription(option))),
    commands: help.visibleCommands(command).map(commandModel),
  };
}

function argumentModel(argument: Argument): ArgumentModel {
  const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
  return {
    usage: argument.required ? `<${name}>` : `[${name}]`,
    description: argument.description,
    words: argument.argChoices ?? [],
  };
}

function optionModel({ short, long, flags }: Option, description: string): OptionModel {
  const name = /<([^>]+)>/.exec(flags)?.[1];
  return {
    short: short ?? null,
    long: long as string,
    description,
    value: name === undefined ? null : { name, kind: KINDS.get(name) ?? "other" },
  };
}

/** The kinds of values, by the value's name. */
const KINDS: ReadonlyMap<string, ValueModel["kind"]> = new Map([
  ["file", "file"],
  ["path", "file"],
  ["directory", "directory"],
]);
