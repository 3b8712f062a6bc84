import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cachePath } from "./cache";
import { findCommand, mustRun } from "./commands";

const VERSION = "1.12.6";

/** The `tofu` to test with: the one named by `MAIL_SNI_TEST_TOFU`, on the PATH, or built before; null without any. */
export function findTofu(): string | null {
  const built = builtTofu();
  return process.env.MAIL_SNI_TEST_TOFU || findCommand("tofu") || (existsSync(built) ? built : null);
}

/**
 * Builds OpenTofu from its Go module, for machines that reach package registries and nothing else. Takes up to 12
 * minutes on two cores. Needs Go.
 */
export async function buildTofu(): Promise<string> {
  const executable = builtTofu();
  const workshop = mkdtempSync(join(tmpdir(), "mail-sni-tofu-"));
  try {
    writeFileSync(join(workshop, "go.mod"), GO_MOD);
    writeFileSync(join(workshop, "tools.go"), TOOLS_GO);
    await mustRun(["go", "mod", "tidy"], { cwd: workshop, timeoutMs: LIMIT_MS });
    // Without this it calls itself a development version, which every version constraint refuses.
    const released = "-X github.com/opentofu/opentofu/version.dev=no";
    const output = join(workshop, "tofu");
    const build = ["build", "-ldflags", released, "-o", output, "github.com/opentofu/opentofu/cmd/tofu"];
    await mustRun(["go", ...build], { cwd: workshop, timeoutMs: LIMIT_MS });
    mkdirSync(dirname(executable), { recursive: true });
    await mustRun(["cp", output, `${executable}.${process.pid}`]);
    renameSync(`${executable}.${process.pid}`, executable);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
  return executable;
}

const LIMIT_MS = 25 * 60_000;

function builtTofu(): string {
  return cachePath(`opentofu-${VERSION}/tofu`);
}

/** The fork of HCL is what OpenTofu's own go.mod replaces it by, which does not count in another module. */
const GO_MOD = `module mail-sni.invalid/tofu

go 1.24

require github.com/opentofu/opentofu v${VERSION}

replace github.com/hashicorp/hcl/v2 v2.20.1 => github.com/opentofu/hcl/v2 v2.20.2-0.20251021132045-587d123c2828
`;

/** Makes \`go mod tidy\` keep what the program needs. */
const TOOLS_GO = `//go:build tools

package tools

import _ "github.com/opentofu/opentofu/cmd/tofu"
`;
