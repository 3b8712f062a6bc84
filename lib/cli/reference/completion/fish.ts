import type { CommandModel, OptionModel, ValueModel } from "../model/command-model";

export function fishCompletion(program: CommandModel): string {
  const first = "__fish_use_subcommand";
  return `${[
    `# Completion of ${program.name} for fish.`,
    `complete -c ${program.name} -f`,
    ...program.options.map((option) => line(program, first, optionWords(option))),
    ...program.commands.flatMap((command) => [
      line(program, first, ["-a", command.name, "-d", quoted(command.summary)]),
      ...commandLines(program, command),
    ]),
  ].join("\n")}\n`;
}

function commandLines(program: CommandModel, { name, options, arguments: given }: CommandModel): string[] {
  const condition = `__fish_seen_subcommand_from ${name}`;
  return [
    ...given.flatMap(({ words }) =>
      words.length === 0 ? [] : [line(program, condition, ["-a", quoted(words.join(" "))])],
    ),
    ...options.map((option) => line(program, condition, optionWords(option))),
  ];
}

function line({ name }: CommandModel, condition: string, words: readonly string[]): string {
  return ["complete", "-c", name, "-n", quoted(condition), ...words].join(" ");
}

const ACTIONS: Readonly<Record<ValueModel["kind"], readonly string[]>> = {
  file: ["-r", "-F"],
  directory: ["-x", "-a", "'(__fish_complete_directories)'"],
  other: ["-x"],
};

function optionWords({ short, long, description, value }: OptionModel): string[] {
  return [
    ...(short === null ? [] : ["-s", short.slice(1)]),
    ...["-l", long.slice(2), "-d", quoted(description)],
    ...(value === null ? [] : ACTIONS[value.kind]),
  ];
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
