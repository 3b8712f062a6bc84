import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Plugin } from "vitest/config";
import { BaseSequencer, type TestSequencerConstructor, type TestSpecification } from "vitest/node";

/** The bundles carry these files as text; so do their sources when tests import them. */
const TEXT_FILE = /\.(sh|awk|proto|css|browser\.js)$/;
/** So that nothing else takes a style sheet for one, or a script. */
const AS_TEXT = ".text";

export const textFiles: Plugin = {
  name: "text-files",
  enforce: "pre",
  resolveId(source: string, importer: string | undefined) {
    if (!source.startsWith(".") || !TEXT_FILE.test(source) || importer === undefined) return null;
    return `${resolve(dirname(importer), source)}${AS_TEXT}`;
  },
  load(id: string) {
    if (!id.endsWith(AS_TEXT)) return null;
    return `export default ${JSON.stringify(readFileSync(id.slice(0, -AS_TEXT.length), "utf8"))};`;
  },
};

/**
 * How many test files run at once: more than the two cores of the smallest machine, since suites wait for engines, servers and
 * pauses for half of their time.
 */
export const FILES_AT_ONCE = 4;

/**
 * An order that begins with the suites that take longest: what began last of them would end alone. Without it the largest files
 * are first, and a long suite is a small file where its scenarios are in another one.
 */
export function longestFirst(longest: RegExp): TestSequencerConstructor {
  return class extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      const rest = await super.sort(files);
      const first = rest.filter(({ moduleId }) => longest.test(moduleId));
      return [...first, ...rest.filter((file) => !first.includes(file))];
    }
  };
}

/** Warnings that depend on the engine configuration of whoever runs the tests are none of theirs. */
export const environment = { TF_CLI_CONFIG_FILE: "/dev/null" };
