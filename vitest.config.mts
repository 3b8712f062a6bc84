import { defineConfig } from "vitest/config";
import { environment, textFiles } from "./vitest.base.mts";

export default defineConfig({
  plugins: [textFiles],
  test: {
    env: environment,
    globalSetup: ["./test/setup/run-directory.ts"],
    reporters: ["default", "./test/setup/not-run-reporter.ts"],
    include: ["test/**/*.test.ts"],
    exclude: ["test/long/**", "node_modules/**"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // More than the two cores of the smallest machine: suites wait for engines, servers and pauses half of their time.
    maxWorkers: 4,
  },
});
