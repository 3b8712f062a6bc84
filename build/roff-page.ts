import type { CommandModel, OptionModel } from "../lib/cli/reference/model/command-model";

export interface ManPageText {
  /** Exit statuses and what they mean. */
  readonly exitStatuses: Readonly<Record<string, string>>;
  /** Environment variables and what they do. */
  readonly environment: Readonly<Record<string, string>>;
  /** Commands, each with what it does. */
  readonly examples: Readonly<Record<string, string>>;
}

/** The manual page of a program and its commands: roff, with the macros of man(7). */
export function manPage(program: CommandModel, text: ManPageText): string {
  const { name, description, commands } = program;
  return `${[
    `.\\" Generated from the definitions of the command: npm run docs`,
    `.TH ${name.toUpperCase()} 1 "" "cdktf\\-mail\\-sni" "User Commands"`,
    ".SH NAME",
    `${roff(name)} \\- ${roff(uncapitalized(description))}`,
    ".SH SYNOPSIS",
    ...commands.flatMap((command, index) => [...(index === 0 ? [] : [".br"]), synopsis(program, command)]),
    ".SH DESCRIPTION",
    roff(description),
    ...commands.flatMap(commandSection),
    ".SH EXIT STATUS",
    ...list(text.exitStatuses),
    ".SH ENVIRONMENT",
    ...list(text.environment),
    ".SH EXAMPLES",
    ...Object.entries(text.examples).flatMap(([example, what], index) => [
      ...(index === 0 ? [] : [".PP"]),
      roff(what),
      ".PP",
      ".RS 4",
      ".nf",
      roff(example),
      ".fi",
      ".RE",
    ]),
  ].join("\n")}\n`;
}

function synopsis(program: CommandModel, command: CommandModel): string {
  const given = command.arguments.map(({ usage }) => ` ${roff(usage)}`).join("");
  const options = command.options.length > 0 ? " [\\fIoptions\\fR]" : "";
  return `\\fB${roff(program.name)} ${roff(command.name)}\\fR${options}${given}`;
}

function commandSection({ name, description, options, arguments: given }: CommandModel): string[] {
  return [
    `.SH ${roff(name.toUpperCase())}`,
    roff(description),
    ...given.flatMap(({ usage, description: what, words }) => [
      ".TP",
      `\\fI${roff(usage)}\\fR`,
      roff(words.length > 0 ? `${what}: ${words.join(", ")}` : what),
    ]),
    ...options.flatMap(optionItem),
  ];
}

function optionItem({ short, long, description, value }: OptionModel): string[] {
  const flags = [short, long].flatMap((flag) => (flag === null ? [] : [`\\fB${roff(flag)}\\fR`])).join(", ");
  return [".TP", value === null ? flags : `${flags} \\fI${roff(value.name)}\\fR`, roff(description)];
}

function list(items: Readonly<Record<string, string>>): string[] {
  return Object.entries(items).flatMap(([term, what]) => [".TP", `\\fB${roff(term)}\\fR`, roff(what)]);
}

/** One line of text: a hyphen is a minus, so that it can be copied, and nothing at its beginning is a request. */
function roff(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll(/`([^`]*)`/g, "\\fB$1\\fR")
    .replace(/^[.']/, "\\&$&");
}

function uncapitalized(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, "");
}
