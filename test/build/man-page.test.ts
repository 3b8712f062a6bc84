import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { mailSniManPage } from "../../build/mail-sni-manual";
import { manPage } from "../../build/roff-page";
import { ran } from "../cli/support/ran";
import { mustRun, runCommand } from "../support/commands";
import { describeIf, mandoc } from "../support/requirements";

const PAGE = resolve(__dirname, "../../man/mail-sni.1");

describe("man/mail-sni.1", () => {
  it("THEN it is what `npm run docs` makes of the command's definitions", () => {
    expect(readFileSync(PAGE, "utf8")).toBe(mailSniManPage());
  });

  it("THEN package.json names and packs it", () => {
    const { man, files } = JSON.parse(readFileSync(join(PAGE, "../../package.json"), "utf8"));
    expect(man).toBe("man/mail-sni.1");
    expect(files).toContain("man");
  });

  it("GIVEN text that roff would obey THEN it is text", () => {
    const nothing = { exitStatuses: {}, environment: {}, examples: {} };
    const description = ".so /etc/passwd \\fB`x`";
    const page = manPage(
      { name: "n", summary: "", description, arguments: [], options: [], commands: [] },
      nothing,
    );
    expect(page).toContain("\n\\&.so /etc/passwd \\efB\\fBx\\fR\n");
  });
});

describeIf(mandoc, "man/mail-sni.1, with mandoc", () => {
  it("THEN there is nothing to complain of but that it has no date, and every option of the help is in it", async () => {
    const { stdout: lint } = await runCommand(["mandoc", "-Tlint", "-Wwarning", PAGE]);
    expect(lint.split("\n").filter((line) => line !== "" && !line.includes("missing date"))).toEqual([]);
    const { stdout } = await mustRun(["mandoc", "-Tascii", "-Owidth=200", PAGE]);
    // Bold is written twice, with a backspace between.
    const text = stdout.split("\b").reduce((before, after) => before.slice(0, -1) + after);
    for (const command of ["verify", "status", "plan", "doctor", "completion"]) {
      const { out } = await ran([command, "--help"]);
      const options = [...out.matchAll(/^ +(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option as string);
      expect(options.length).toBeGreaterThan(0);
      for (const option of options) expect(text).toContain(option);
    }
  });
});
