import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { environment, FILES_AT_ONCE, longestFirst, textFiles } from "./vitest.base.mts";

/** Folders of many short suites: most of these take less time than a process that loads all modules. */
const OF_SHORT_SUITES = ["test/cli", "test/constructs", "test/shared"];

/** What changes a process for suites that run in it later. */
const CHANGES_ITS_PROCESS =
  /\bvi\.(mock|doMock|spyOn|stubEnv|stubGlobal|useFakeTimers)\b|\bprocess\.(chdir|umask)\(|\bprocess\.env\.\w+ = /;

/** Suites that run one after the other in a process. */
const IN_SHARED_PROCESSES = OF_SHORT_SUITES.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => path.endsWith(".test.ts") && !CHANGES_ITS_PROCESS.test(readFileSync(path, "utf8"))),
);

const LONGEST =
  /test\/(e2e\/(acme\/dovecot|quickstart\/quickstart|served\/(dovecot|qmail))|on-host\/renewal\/(hostile|install|run))\.test\.ts$/;

export default defineConfig({
  plugins: [textFiles],
  test: {
    env: environment,
    globalSetup: ["./test/setup/run-directory.ts"],
    reporters: ["default", "./test/setup/not-run-reporter.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: FILES_AT_ONCE,
    sequence: { sequencer: longestFirst(LONGEST) },
    projects: [
      {
        extends: true,
        test: {
          name: "in their own processes",
          include: ["test/**/*.test.ts"],
          exclude: ["test/long/**", "node_modules/**", ...IN_SHARED_PROCESSES],
        },
      },
      {
        extends: true,
        test: { name: "in shared processes", include: IN_SHARED_PROCESSES, isolate: false },
      },
    ],
  },
});
