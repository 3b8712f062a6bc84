import { CliError } from "../errors/cli-error";

const HOUR_MS = 3_600_000;
const UNITS_MS: Readonly<Record<string, number>> = { h: HOUR_MS, d: 24 * HOUR_MS };
const LONGEST_MS = 366 * 24 * HOUR_MS;

/**
 * A number of hours or days, such as `12h` and `7d`.
 *
 * @returns milliseconds
 * @throws CliError `CLI_OPTION`
 */
export function parseDuration(option: string): (text: string) => number {
  return (text) => {
    const [, number, unit = ""] = /^(\d{1,5})([hd])$/.exec(text) ?? [];
    const milliseconds = Number(number) * (UNITS_MS[unit] ?? Number.NaN);
    if (!(milliseconds > 0 && milliseconds <= LONGEST_MS)) {
      throw new CliError(
        "CLI_OPTION",
        `${option} is ${JSON.stringify(text)}.`,
        "Give hours or days, a year at most: 12h, 7d.",
      );
    }
    return milliseconds;
  };
}

/** Formats a time in the largest exact unit, as {@link parseDuration} reads it. */
export function durationText(milliseconds: number): string {
  const hours = Math.round(milliseconds / HOUR_MS);
  return hours % 24 === 0 ? `${hours / 24}d` : `${hours}h`;
}
