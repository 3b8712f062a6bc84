import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { renewalCommands } from "../../../../lib/constructs/host/renewal/renewal-service";
import { runCommand } from "../../../support/commands";

describe("the commands of the service that the renewal program is to the provider", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "renewal-service-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const activate = (program: string) =>
    runCommand(renewalCommands({ program }).activate as unknown as [string]);

  it("GIVEN a program that finds something missing THEN it fails, says it where the provider reads, and starts no timer", async () => {
    const program = join(directory, "renewal");
    writeFileSync(program, '#!/bin/sh\necho "$1: curl is missing"\nexit 1\n', { mode: 0o755 });
    expect(await activate(program)).toEqual({ exitCode: 1, stdout: "", stderr: "check: curl is missing\n" });
  });

  it("GIVEN a program that finds nothing missing THEN its timer is started, and fails if that does", async () => {
    const program = join(directory, "renewal");
    writeFileSync(program, '#!/bin/sh\n[ "$1" = check ] || { echo "$1"; exit 3; }\n', { mode: 0o755 });
    expect(await activate(program)).toEqual({ exitCode: 3, stdout: "activate\n", stderr: "" });
  });
});
