import { defineConfig } from "vitest/config";
import { environment, textFiles } from "./vitest.base.mts";

/** What runs beside another suite as `npm test` does: engines and servers of its own, and nothing that measures time. */
const BESIDE_EACH_OTHER = [
  "test/long/{acme,domain,encrypted-keys,lookup,served,support,verify}/**/*.test.ts",
  "test/long/e2e/{killed,lifecycle,states,two-states}.test.ts",
  "test/long/ssh/{away,clocks}.test.ts",
  "test/long/{opentofu,quickstart}.test.ts",
];

/** What takes minutes: other engines, other servers, an installed package, a thousand domains. */
export default defineConfig({
  plugins: [textFiles],
  test: {
    env: environment,
    globalSetup: ["./test/setup/run-directory.ts"],
    reporters: ["default", "./test/setup/not-run-reporter.ts"],
    testTimeout: 600_000,
    hookTimeout: 1_800_000,
    projects: [
      {
        extends: true,
        test: {
          name: "beside each other",
          include: BESIDE_EACH_OTHER,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "alone",
          // What is measured, killed at random times or installed here wants the machine for itself.
          include: ["test/long/**/*.test.ts"],
          exclude: [...BESIDE_EACH_OTHER, "node_modules/**"],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
