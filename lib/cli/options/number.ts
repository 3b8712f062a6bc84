import { CliError } from "../errors/cli-error";

/**
 * A whole number in a range.
 *
 * @throws CliError `CLI_OPTION`
 */
export function parseNumber(option: string, from: number, to: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < from || number > to) {
      throw new CliError(
        "CLI_OPTION",
        `${option} is ${JSON.stringify(text)}.`,
        `Give a whole number from ${from} to ${to}.`,
      );
    }
    return number;
  };
}
