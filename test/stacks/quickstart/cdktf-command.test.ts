import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cdktfProblem } from "../../../stacks/quickstart/cdktf-command";

describe("cdktfProblem", () => {
  let project: string;

  beforeEach(() => {
    project = mkdtempSync(join(tmpdir(), "cdktf-command-"));
  });

  afterEach(() => rmSync(project, { recursive: true }));

  function install(file: string, content: string): void {
    const path = join(project, "node_modules", file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }

  function installCdktf(terminal: string, nestedIn = ""): void {
    install(".bin/cdktf", "");
    install("cdktf-cli/package.json", "{}");
    install(`${nestedIn}@cdktf/node-pty-prebuilt-multiarch/index.js`, terminal);
  }

  it("GIVEN a terminal module that loads THEN there is none", () => {
    installCdktf("module.exports = {};");
    expect(cdktfProblem(project)).toBeNull();
  });

  it("GIVEN a terminal module without a build for this Node THEN it names the version", () => {
    installCdktf('require("../build/Release/pty.node");');
    expect(cdktfProblem(project)).toBe(
      `cdktf's command line cannot start with Node ${process.version}: its terminal module has no build for it`,
    );
  });

  it("GIVEN a terminal module that ends the process THEN only its own", () => {
    installCdktf("process.abort();");
    expect(cdktfProblem(project)).toContain("cannot start");
  });

  it("GIVEN two terminal modules THEN cdktf's own counts", () => {
    installCdktf("module.exports = {};");
    installCdktf('throw new Error("no build");', "cdktf-cli/node_modules/");
    expect(cdktfProblem(project)).toContain("cannot start");
  });

  it("GIVEN no command line THEN it says so", () => {
    expect(cdktfProblem(project)).toBe("cdktf's command line is not installed");
  });
});
