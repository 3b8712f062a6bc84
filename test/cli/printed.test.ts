import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HOSTILE_WORDS, isPlain } from "../support/hostile-words";
import { freePort } from "../support/ports";
import { CdktfProject } from "./support/project";
import { ran } from "./support/ran";

describe("what the command prints", () => {
  let files: CdktfProject;
  beforeEach(() => {
    files = new CdktfProject();
  });
  afterEach(() => files.remove());

  it.each([
    ["an option", ["verify", `--${HOSTILE_WORDS}`]],
    ["a command", [HOSTILE_WORDS]],
    ["a shell", ["completion", HOSTILE_WORDS]],
    ["a surplus argument", ["completion", "bash", HOSTILE_WORDS]],
    ["a name", ["verify", HOSTILE_WORDS]],
    ["ports", ["verify", "a.tld", "--ports", HOSTILE_WORDS]],
    ["an address", ["verify", "a.tld", "--connect", HOSTILE_WORDS]],
    ["a number", ["verify", "a.tld", "--watch", HOSTILE_WORDS]],
    ["a duration", ["status", "--run-interval", HOSTILE_WORDS]],
    ["a project", ["status", "--project", HOSTILE_WORDS]],
    ["facts", ["status", "--facts", HOSTILE_WORDS]],
  ])("GIVEN %s with what a terminal would obey THEN the error is plain", async (_, args) => {
    const { exitCode, out, err } = await ran(args);
    expect(err).not.toBe("");
    expect(isPlain(out + err)).toBe(true);
    expect(exitCode).toBe(2);
  });

  it("GIVEN names of stacks with megabytes THEN the error has its code, and is short", async () => {
    const stacks = Object.fromEntries(
      ["a", "b"].map((letter) => [letter.repeat(1 << 20), { workingDirectory: "stacks/mail" }]),
    );
    files.write("cdktf.out/manifest.json", JSON.stringify({ stacks }));
    const { err } = await ran(["status", "--project", files.directory, "--stack", "mail"]);
    expect(err).toContain('There is no stack "mail". Give one of aaaa');
    expect(err).toContain("… [CLI_STACK_UNKNOWN]\n");
    expect(err.length).toBeLessThan(5000);
  });

  it("GIVEN a table and a manifest with a stack of such a name THEN reports and complaints are plain", async () => {
    const port = await freePort();
    files.writeTable({ [HOSTILE_WORDS]: [{ name: HOSTILE_WORDS, reason: HOSTILE_WORDS }] }, port);
    const about = ["--project", files.directory];
    const verify = await ran(["verify", ...about, "--connect", "127.0.0.1"]);
    expect(verify.err).toContain("Apply complete!");
    expect(verify.out).toContain("Apply complete!");
    expect(isPlain(verify.err + verify.out)).toBe(true);

    const stacks = { [HOSTILE_WORDS]: { workingDirectory: HOSTILE_WORDS } };
    files.write("cdktf.out/manifest.json", JSON.stringify({ stacks }));
    const status = await ran(["status", ...about]);
    expect(status.err).toContain("Apply complete!");
    expect(isPlain(status.err + status.out)).toBe(true);
  });
});
