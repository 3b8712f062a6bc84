import { runInNewContext } from "node:vm";

const PATTERN_MS = 2_000;

/** Only a context of its own can be ended in the middle of a match. */
const MATCHING = `
  const expression = new RegExp(pattern);
  JSON.stringify(text.split("\\n").flatMap((line, index) => {
    const match = expression.exec(line);
    return match ? [[index, match[1] ?? ""]] : [];
  }));
`;

/**
 * The numbers of the lines that a pattern fits, with what its first group holds.
 *
 * @returns undefined where that takes too long: on some lines a regular expression can take years
 */
export function patternLines(text: string, pattern: string): Map<number, string> | undefined {
  try {
    const found = runInNewContext(MATCHING, { text, pattern }, { timeout: PATTERN_MS });
    return new Map(JSON.parse(found) as [number, string][]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    return undefined;
  }
}
