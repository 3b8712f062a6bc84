import { defineConfig } from "vitest/config";
import { environment, FILES_AT_ONCE, textFiles } from "./vitest.base.mts";

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
    maxWorkers: FILES_AT_ONCE,
  },
});
