import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Plugin } from "vitest/config";

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

/** Warnings that depend on the engine configuration of whoever runs the tests are none of theirs. */
export const environment = { TF_CLI_CONFIG_FILE: "/dev/null" };
