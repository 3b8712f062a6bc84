import { defineConfig } from "vitest/config";
import { environment, textFiles } from "./vitest.base.mts";

/** What takes minutes: other engines, other servers, an installed package, a thousand domains. */
export default defineConfig({
  plugins: [textFiles],
  test: {
    env: environment,
    globalSetup: ["./test/setup/run-directory.ts"],
    reporters: ["default", "./test/setup/not-run-reporter.ts"],
    include: ["test/long/**/*.test.ts"],
    testTimeout: 600_000,
    hookTimeout: 1_800_000,
    // One suite at a time: what is measured or started here wants the machine for itself.
    fileParallelism: false,
  },
});
