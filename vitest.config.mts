import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/long/**", "node_modules/**"],
    testTimeout: 30_000,
    // Two cores, and suites that start real engines: more workers only make each other slow.
    maxWorkers: 2,
  },
});
