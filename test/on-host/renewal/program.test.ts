import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renewalProgram } from "../../../build/host-programs";
import { findCommand, runCommand } from "../../support/commands";

const ROOT = resolve(__dirname, "../../..");

describe("the renewal program as a file", () => {
  let directory: string;
  let file: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "mail-sni-program-"));
    file = join(directory, "renewal");
    writeFileSync(file, renewalProgram(ROOT));
    chmodSync(file, 0o755);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it.runIf(findCommand("shellcheck"))("THEN shellcheck has nothing to say about it", async () => {
    expect(await runCommand(["shellcheck", "-s", "sh", file])).toMatchObject({ exitCode: 0, stdout: "" });
  });

  it("GIVEN ksh THEN it refuses to run, and says with what it runs", async () => {
    // A shell that says it is ksh: none of its kind is needed to see what the program makes of it.
    const { exitCode, stderr } = await runCommand(["dash", file, "run"], { env: { KSH_VERSION: "93u+" } });
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringMatching(/ksh cannot hold a lock .*dash, bash or busybox sh/),
    ]);
  });

  it("GIVEN no verb that it knows THEN it is a hook, which does nothing and succeeds", async () => {
    const { exitCode, stdout, stderr } = await runCommand(["dash", file, "this_hookscript_is_broken"]);
    expect([exitCode, stdout, stderr]).toEqual([0, "", ""]);
  });

  it("GIVEN no verb at all THEN it says which there are", async () => {
    expect(await runCommand(["dash", file])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/^usage: /),
    });
  });

  it("GIVEN nothing beside it THEN `check` says what to do, and writes nothing", async () => {
    const { exitCode, stdout } = await runCommand(["dash", file, "check"]);
    expect([exitCode, stdout]).toEqual([
      1,
      expect.stringMatching(/table cannot be read: apply the stack again/),
    ]);
    expect(existsSync(join(directory, "table"))).toBe(false);
  });

  it("GIVEN a host without dehydrated THEN `check` says how to install it", async () => {
    const bare = join(directory, "bare");
    const tools =
      "awk sed xargs cut od sort openssl curl bash base64 cat chgrp chmod chown cp date dd flock grep head id ln ls mkdir";
    const more = "mv readlink rm rmdir sha256sum stat sync tail timeout tr sh";
    await runCommand([
      "sh",
      "-c",
      `mkdir '${bare}'; for t in ${tools} ${more}; do ln -s "$(command -v $t)" '${bare}/'; done`,
    ]);
    // The program adds the system's directories behind PATH, so those are hidden behind an unusable dehydrated.
    writeFileSync(join(bare, "dehydrated"), "#!/bin/sh\necho 'Dehydrated version: 0.6.5'\n", { mode: 0o755 });
    const { stdout } = await runCommand([findCommand("dash") ?? "/bin/sh", file, "check"], {
      env: { PATH: bare },
    });
    expect(stdout).toMatch(/dehydrated 0\.6\.5 is installed, and 0\.7\.0 or later is needed/);
  });
});
