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

  const check = (program: string) => runCommand(renewalCommands({ program }).check as unknown as [string]);

  it("GIVEN a program that finds something missing THEN the check fails, and says it where the provider reads", async () => {
    const program = join(directory, "renewal");
    writeFileSync(program, '#!/bin/sh\necho "$1: curl is missing"\nexit 1\n', { mode: 0o755 });
    expect(await check(program)).toEqual({ exitCode: 1, stdout: "", stderr: "check: curl is missing\n" });
  });

  it("GIVEN no program any more THEN there is nothing to check", async () => {
    expect(await check(join(directory, "renewal"))).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  });
});
