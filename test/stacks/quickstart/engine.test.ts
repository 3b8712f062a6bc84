import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findEngine } from "../../../stacks/quickstart/engine";

describe("findEngine", () => {
  let path: string;

  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), "engines-"));
  });

  afterEach(() => rmSync(path, { recursive: true }));

  function install(command: string, answer: string): void {
    writeFileSync(join(path, command), `#!/bin/sh\n${answer}\n`);
    chmodSync(join(path, command), 0o755);
  }

  function version(number: string): string {
    return `echo '{"terraform_version":"${number}"}'`;
  }

  it("takes terraform before tofu", () => {
    install("terraform", version("1.11.4"));
    install("tofu", version("1.12.6"));

    expect(findEngine({ PATH: path })).toEqual({ command: "terraform", version: "1.11.4" });
  });

  it("takes tofu where there is no terraform, or an old one", () => {
    install("tofu", version("1.12.6"));
    expect(findEngine({ PATH: path }).command).toBe("tofu");

    install("terraform", version("1.5.7"));
    expect(findEngine({ PATH: path }).command).toBe("tofu");
  });

  it("takes the one that cdktf is told to use", () => {
    install("terraform", version("1.11.4"));
    install("tofu", version("1.12.6"));

    expect(findEngine({ PATH: path, TERRAFORM_BINARY_NAME: "tofu" }).command).toBe("tofu");
  });

  it("says in one sentence what to install where there is none", () => {
    expect(() => findEngine({ PATH: path })).toThrow(
      /^There is no terraform and no tofu on the PATH: install Terraform 1\.11 or later .* or OpenTofu 1\.11 or later .*\.$/,
    );
  });

  it("says what is there where all are too old, or something else", () => {
    install("terraform", version("1.10.5"));
    install("tofu", "echo tofu recipes");

    expect(() => findEngine({ PATH: path })).toThrow(/too old \(terraform is 1\.10\.5\): install /);
  });

  it("knows that 2.0 is later than 1.11", () => {
    install("terraform", version("2.0.0"));

    expect(findEngine({ PATH: path }).version).toBe("2.0.0");
  });
});
