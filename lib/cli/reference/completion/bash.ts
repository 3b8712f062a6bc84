import type { CommandModel, OptionModel, ValueModel } from "../model/command-model";

/** The completion script for bash 3.2 (the version of macOS) and later. */
export function bashCompletion(program: CommandModel): string {
  const commands = program.commands.map(({ name }) => name);
  return `# Completion of ${program.name} for bash.
_mail_sni_words() {
  local word
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen "\${@}" -- "$current")
}

_mail_sni() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command= index
  COMPREPLY=()
  # Bash makes words of their own of --option=value.
  if [[ $current == = ]]; then
    current=
  elif [[ $previous == = ]]; then
    previous=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((index = 1; index < COMP_CWORD; index++)); do
    case \${COMP_WORDS[index]} in
      ${commands.join(" | ")})
        command=\${COMP_WORDS[index]}
        break
        ;;
    esac
  done
  case $command:$previous in
${valueCases(program).join("\n")}
  esac
  case $command in
${[program, ...program.commands].map((command) => wordCase(command, command === program)).join("\n")}
  esac
}

complete -F _mail_sni ${program.name}
`;
}

const FILES = "type compopt >/dev/null 2>&1 && compopt -o filenames";
const ACTIONS: Readonly<Record<ValueModel["kind"], string>> = {
  file: `${FILES}; _mail_sni_words -f; return`,
  directory: `${FILES}; _mail_sni_words -d; return`,
  other: "return",
};

function valueCases({ commands }: CommandModel): string[] {
  return commands.flatMap(({ name, options }) =>
    (["file", "directory", "other"] as const).flatMap((kind) => {
      const flags = options.filter(({ value }) => value?.kind === kind).flatMap(flagsOf);
      if (flags.length === 0) return [];
      return [`    ${flags.map((flag) => `${name}:${flag}`).join(" | ")}) ${ACTIONS[kind]} ;;`];
    }),
  );
}

function wordCase({ name, options, commands, arguments: given }: CommandModel, isProgram: boolean): string {
  const words = [
    ...(isProgram ? commands.map((command) => command.name) : given.flatMap((argument) => argument.words)),
    ...options.flatMap(flagsOf),
  ];
  return `    ${isProgram ? '""' : name}) _mail_sni_words -W "${words.join(" ")}" ;;`;
}

function flagsOf({ short, long }: OptionModel): string[] {
  return short === null ? [long] : [short, long];
}
