import { describe, expect, it } from "vitest";
import type { StackRun } from "../../lib/cli/renew/outcome/stack-run";
import { CAUSES } from "../../lib/cli/renew/reports/refusals";
import { textReport } from "../../lib/cli/renew/reports/text";
import { facts, options, stackRun } from "../cli/renew/support/runs";
import { codeBlocks, textOf } from "./support/code-blocks";

const PAGE = "docs/renew.md";

/** The runs of the page's screens. */
const RUNS: readonly Partial<StackRun>[] = [
  {
    outcome: { kind: "applied" },
    renewed: ["domain1.tld", "domain2.tld"],
    facts: facts({ "domain1.tld": [90, 60], "domain3.tld": [41, 11] }),
    verification: verified("40 of 40 handshakes are right; 0 errors, 0 warnings, 0 notes."),
  },
  {
    outcome: {
      kind: "refused",
      refusals: ["mailsni_acme_certificate.c_domain4_tld", "mailsni_host_files.d_domain4_tld__mx1"].map(
        (address) => ({ address, problem: "would be created", cause: "undeployed" }),
      ),
    },
    due: ["domain1.tld"],
    facts: facts({ "domain1.tld": [20, 0] }),
    verification: { kind: "skipped", reason: "nothing was applied", exitCode: 0 },
  },
  {
    outcome: { kind: "failed", problem: null },
    due: ["domain1.tld"],
    renewed: null,
    facts: facts({ "domain1.tld": [20, 0] }),
    diagnostics: [
      unreachable("warning", 'Host "mx2" cannot be reached: its last known state is used'),
      unreachable("error", 'Host "mx2" cannot be reached'),
    ],
    verification: {
      ...verified("20 of 40 handshakes are right; 20 errors, 0 warnings, 0 notes."),
      lines: [
        "error   9 more at mx2 (127.0.0.1 through SSH) port 993 (tls): no connection: no route to host. [VERIFY_NO_ANSWER]",
      ],
      isWithoutFacts: true,
    },
  },
];

function verified(totals: string) {
  return { kind: "verified" as const, lines: [], totals, isWithoutFacts: false, exitCode: 0 };
}

function unreachable(severity: "error" | "warning", summary: string) {
  return { severity, summary, detail: "At mx2.domain1.tld: no route to host.", address: null };
}

describe(PAGE, () => {
  it("has the screens as the command writes them", () => {
    const screens = codeBlocks(PAGE).filter(({ language }) => language === "text");
    const written = RUNS.map((run) => textReport([stackRun(run)], { ...options, from: null }));
    expect(screens.map(({ code }) => code)).toEqual(written);
  });

  it("has each cause of a refusal, in the words of the report", () => {
    const page = textOf(PAGE);
    for (const cause of Object.values(CAUSES)) expect(page).toContain(`| \`(${cause})\` | `);
  });
});
