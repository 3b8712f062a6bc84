import type { ArgumentModel, CommandModel, OptionModel, ValueModel } from "../model/command-model";

export function zshCompletion(program: CommandModel): string {
  return `#compdef ${program.name}
# Completion of ${program.name} for zsh.
_mail_sni() {
  local curcontext=$curcontext state line
  local -A opt_args
  local -a commands
  commands=(
${program.commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`).join("\n")}
  )
  _arguments -C \\
${program.options.map((option) => `    ${optionSpec(option)} \\`).join("\n")}
    '1: :->command' \\
    '*:: :->arguments'
  case $state in
    command) _describe -t commands command commands ;;
    arguments)
      case $words[1] in
${program.commands.map(commandCase).join("\n")}
      esac
      ;;
  esac
}

if [[ $funcstack[1] == _mail_sni ]]; then
  _mail_sni "$@"
else
  compdef _mail_sni ${program.name}
fi
`;
}

function commandCase({ name, options, arguments: given }: CommandModel): string {
  const specs = [...options.map(optionSpec), ...given.map(argumentSpec)];
  return `        ${name}) _arguments ${specs.map((spec) => `\\\n          ${spec}`).join(" ")} ;;`;
}

const ACTIONS: Readonly<Record<ValueModel["kind"], string>> = {
  file: "_files",
  directory: "_files -/",
  other: " ",
};

function optionSpec({ short, long, description, value }: OptionModel): string {
  const help = `[${escaped(description)}]`;
  if (value === null) {
    return short === null ? quoted(`${long}${help}`) : `{${short},${long}}${quoted(help)}`;
  }
  // The star allows repetition. If an option that takes one value is repeated, the last one counts.
  const rest = `${help}:${escaped(value.name)}:${ACTIONS[value.kind]}`;
  return short === null ? quoted(`*${long}=${rest}`) : `'*'{${short}+,${long}=}${quoted(rest)}`;
}

function argumentSpec({ usage, words }: ArgumentModel): string {
  const name = usage.replace(/[^\w-]/g, "");
  // Even if the values cannot be listed, options are completed there.
  const action = words.length > 0 ? `(${words.join(" ")})` : `_guard "^-*" "${name}"`;
  return quoted(`${usage.includes("...") ? "*" : ""}:${name}:${action}`);
}

/** Escapes the characters that end a part of a specification: colons and brackets. */
function escaped(text: string): string {
  return text.replace(/[\\:[\]]/g, "\\$&");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
