import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Project, parseProjectFile } from "../../inputs/project";

const MOST_STACKS = 10_000;
const MOST_ANNOTATIONS = 100_000;
const MOST_CHARACTERS = 100_000;

/** The warnings of the last synth, by stack: what the rules have found, and cdktf has written into its manifest. */
export function ruleFindings({ outputDirectory }: Project): ReadonlyMap<string, readonly string[]> {
  const path = join(outputDirectory, "manifest.json");
  if (!existsSync(path)) return new Map();
  const stacks = parseProjectFile(path, (document) =>
    document.member("stacks").entries(MOST_STACKS, (stack) =>
      stack.member("annotations").optional((annotations) =>
        annotations.list(MOST_ANNOTATIONS, (annotation) => ({
          level: annotation.member("level").text(MOST_CHARACTERS),
          message: annotation.member("message").text(MOST_CHARACTERS),
        })),
      ),
    ),
  );
  return new Map(
    stacks.map(([stack, annotations]) => [
      stack,
      (annotations ?? []).filter(({ level }) => level === "@cdktf/warn").map(({ message }) => message),
    ]),
  );
}
