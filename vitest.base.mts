import { readFileSync } from "node:fs";
import type { Plugin } from "vitest/config";

/** The provider's bundle carries these files as text; so do its sources when tests import them. */
export const textFiles: Plugin = {
  name: "text-files",
  enforce: "pre",
  load(id: string) {
    if (!/\.(sh|proto)$/.test(id)) return null;
    return `export default ${JSON.stringify(readFileSync(id, "utf8"))};`;
  },
};

/** Warnings that depend on the engine configuration of whoever runs the tests are none of theirs. */
export const environment = { TF_CLI_CONFIG_FILE: "/dev/null" };
