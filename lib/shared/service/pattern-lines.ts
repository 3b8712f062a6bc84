import { runInNewContext } from "node:vm";

const PATTERN_MS = 2_000;

/** Runs in a separate context, because only that can be stopped during a match. */
const MATCHING = `
  const expression = new RegExp(pattern);
  JSON.stringify(text.split("\\n").flatMap((line, index) => {
    const match = expression.exec(line);
    return match ? [[index, match[1] ?? ""]] : [];
  }));
`;

/**
 * The numbers of the lines that match a pattern, each with the text of its first group.
 *
 * @returns undefined if it takes too long: some regular expressions take years on some lines
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
