import type { Answer } from "./session";

/** A message names at most this many: enough to know what to install. */
const MOST_MISSING = 30;
const MOST_CHARACTERS = 60;

/** The tools that a host lacks, of those that the host script needs. @param answer of the verb `missing_tools` */
export function missingTools({ output }: Answer): string[] {
  const missing = output.trim();
  if (missing === "") return [];
  return missing.split("\n", MOST_MISSING).map((tool) => tool.slice(0, MOST_CHARACTERS));
}
