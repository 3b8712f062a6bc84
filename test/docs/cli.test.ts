import { describe, expect, it } from "vitest";
import { CLI_ERROR_CODES } from "../../lib/cli/errors/cli-error";
import { CERTIFICATE_STATES } from "../../lib/cli/status/overview/certificate-state";
import { FINDING_CODES } from "../../lib/cli/verify/judgement/finding";
import { MAIL_PORTS } from "../../lib/shared/service/usual-ports";
import { ran } from "../cli/support/ran";
import { textOf } from "./support/code-blocks";

/** The first cells of the tables of a page that hold a code. */
function codesOf(page: string, prefix: string): string[] {
  const cells = [...textOf(page).matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code ?? "");
  return cells.filter((code) => code.startsWith(prefix));
}

const PAGES = [
  "docs/cli.md",
  "docs/verify.md",
  "docs/status.md",
  "docs/plan.md",
  "docs/renew.md",
  "docs/doctor.md",
  "docs/import.md",
];

describe("the pages of the command", () => {
  it("have every code, each once", () => {
    expect(codesOf("docs/verify.md", "VERIFY_")).toEqual([...FINDING_CODES]);
    expect(codesOf("docs/cli.md", "CLI_")).toEqual([...CLI_ERROR_CODES]);
  });

  it("name options that there are", async () => {
    const helps = await Promise.all(
      ["verify", "status", "plan", "renew", "doctor", "import", "eject"].map((command) =>
        ran([command, "--help"]),
      ),
    );
    const help = helps.map(({ out }) => out).join("");
    const text = PAGES.map(textOf).join("");
    const named = new Set([...text.matchAll(/(?<![\w-])--[a-z][a-z-]+/g)].map(([option]) => option));
    expect(named.size).toBeGreaterThan(8);
    expect([...named].filter((option) => !help.includes(`${option} `) && option !== "--help")).toEqual([]);
  });

  it("have every port that verify checks without --ports, each once", () => {
    const ports = MAIL_PORTS.map(({ port }) => port);
    expect(new Set(ports).size).toBe(ports.length);
    expect(textOf("docs/verify.md")).toContain(`it checks all mail ports (${ports.join(", ")})`);
  });

  it("have every state of a certificate, with the words of the screen", () => {
    const page = textOf("docs/status.md");
    for (const state of CERTIFICATE_STATES) expect(page).toContain(`\n| \`${state}\` | `);
  });

  it("have the exit statuses of the help", async () => {
    const { out } = await ran(["--help"]);
    for (const status of [
      "all is well",
      "something is wrong: at least one error",
      "nothing could be checked",
      "there is something to do",
    ]) {
      expect(out).toContain(status);
      expect(textOf("docs/cli.md")).toContain(status);
    }
  });
});
