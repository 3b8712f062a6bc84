import { readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

/** The provider's bundle carries these as text; so do its sources when tests import them. */
const textFiles = {
  name: "text-files",
  enforce: "pre" as const,
  load(id: string) {
    if (!/\.(sh|proto)$/.test(id)) return null;
    return `export default ${JSON.stringify(readFileSync(id, "utf8"))};`;
  },
};

export default defineConfig({
  plugins: [textFiles],
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/long/**", "node_modules/**"],
    testTimeout: 30_000,
    // Two cores, and suites that start real engines: more workers only make each other slow.
    maxWorkers: 2,
  },
});
