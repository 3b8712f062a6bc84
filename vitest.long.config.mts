import { defineConfig } from "vitest/config";
import { environment, FILES_AT_ONCE, longestFirst, textFiles } from "./vitest.base.mts";

/** What runs beside other suites as in `npm test`: with engines, servers and directories of its own, and nothing that measures time. */
const BESIDE_EACH_OTHER = [
  "test/long/{acme,backends,dehydrated,domain,eject,encrypted-keys,hostile-input,import,lookup,plan,planned,readme,renew,served,support,verify}/**/*.test.ts",
  "test/long/host/{retire-kills,retire-over-ssh,retired-day}.test.ts",
  "test/long/journal/{changes,orphans,states,unwritable}.test.ts",
  "test/long/e2e/{changes,host-jobs,killed,lifecycle,reissue-reason,states,two-states}.test.ts",
  "test/long/on-host/{batches,claims,corpus,dehydrated,handshakes,ledger,pem,put-back,shells,systemd,week}.test.ts",
  "test/long/ssh/{away,clocks,command-limits,cut-off,network-cut}.test.ts",
  "test/long/{opentofu,package,quickstart}.test.ts",
];

/** Suites of ten minutes: begun last, one of them would end alone. */
const LONGEST = /test\/long\/(dehydrated\/(opentofu|ssh)|e2e\/lifecycle|served\/(dovecot-24|ssh))\.test\.ts$/;

/** What takes minutes: other engines, other servers, an installed package, a thousand domains. */
export default defineConfig({
  plugins: [textFiles],
  test: {
    env: environment,
    globalSetup: ["./test/setup/run-directory.ts"],
    reporters: ["default", "./test/setup/not-run-reporter.ts"],
    testTimeout: 600_000,
    hookTimeout: 1_800_000,
    sequence: { sequencer: longestFirst(LONGEST) },
    projects: [
      {
        extends: true,
        test: {
          name: "beside each other",
          include: BESIDE_EACH_OTHER,
          maxWorkers: FILES_AT_ONCE,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "alone",
          // What is measured, or killed at random times, wants the machine for itself.
          include: ["test/long/**/*.test.ts"],
          exclude: [...BESIDE_EACH_OTHER, "node_modules/**"],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
