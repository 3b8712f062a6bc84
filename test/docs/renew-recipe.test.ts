import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findActionlint } from "../support/actionlint";
import { runCommand } from "../support/commands";
import { actionlint, describeIf, systemdAnalyze } from "../support/requirements";
import { codeBlocks } from "./support/code-blocks";

const PAGE = "docs/recipes/renew.md";
const blocks = codeBlocks(PAGE);
const under = (heading: string, language: string) =>
  blocks.filter((block) => block.heading === heading && block.language === language).map(({ code }) => code);

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "mail-sni-recipe-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

function written(name: string, text: string, mode = 0o644): string {
  const path = join(directory, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text, { mode });
  return path;
}

describeIf(systemdAnalyze, `the service and the timer in ${PAGE}`, () => {
  const [service = "", timer = ""] = under("systemd", "ini");

  it("THEN systemd has nothing to say about them", async () => {
    const files = [written("mail-sni-renew.service", service), written("mail-sni-renew.timer", timer)];
    const { exitCode, stdout, stderr } = await runCommand(["systemd-analyze", "verify", ...files]);
    expect(stdout + stderr).toBe("");
    expect(exitCode).toBe(0);
  });

  it("THEN its exposure is below 2 of 10, and Node.js can compile at run time", async () => {
    const file = written("mail-sni-renew.service", service);
    const command = ["systemd-analyze", "security", "--offline=true", "--threshold=20", file] as const;
    const { exitCode, stdout } = await runCommand([...command]);
    expect(stdout).toMatch(/Overall exposure level for mail-sni-renew\.service: 1\.\d OK/);
    expect(exitCode).toBe(0);
    expect(service).not.toMatch(/^MemoryDenyWriteExecute=/m);
  });
});

describe(`the script that deploys in ${PAGE}`, () => {
  const [script = ""] = under("Copy what was deployed", "sh");
  const at = (name: string) => join(directory, name);

  /** Runs it with another directory, and an `npx` that writes an output. */
  function deploy(npx: string): { readonly status: number | null; readonly stderr: string } {
    written("bin/npx", `#!/bin/sh\nset -e\n${npx}\n`, 0o755);
    const moved = script.replaceAll("/var/lib/mail-sni", directory);
    const env = { PATH: `${at("bin")}:${process.env.PATH}` };
    return spawnSync("sh", ["-c", moved], { cwd: "/", env, encoding: "utf8" });
  }

  beforeEach(() => {
    written("project/cdktf.out/stacks/mail/terraform.d/plugins/provider", "one", 0o755);
    mkdirSync(at("project/cdktf.out/stacks/mail/.terraform"));
    symlinkSync(
      at("project/cdktf.out/stacks/mail/terraform.d/plugins"),
      at("project/cdktf.out/stacks/mail/.terraform/providers"),
    );
    written("project/cdktf.out/stacks/mail/plan", "a key");
    written("project/cdktf.out/manifest.json", "{}");
    written("project/sni-table.json", "{}");
  });

  it("GIVEN a deploy THEN the copy is whole, without links that lead out, without the plan, and for one user", () => {
    expect(deploy('[ "$*" = "cdktf deploy mail --auto-approve" ]')).toMatchObject({ status: 0, stderr: "" });
    expect(existsSync(at("deployed/manifest.json"))).toBe(true);
    expect(existsSync(at("deployed/sni-table.json"))).toBe(true);
    expect(existsSync(at("deployed/stacks/mail/plan"))).toBe(false);
    const providers = at("deployed/stacks/mail/.terraform/providers");
    expect(lstatSync(providers).isSymbolicLink()).toBe(false);
    expect(statSync(join(providers, "provider")).mode & 0o777).toBe(0o700);
    expect(statSync(at("deployed")).mode & 0o777).toBe(0o700);
  });

  it("GIVEN a second deploy THEN the former copy stays for a run that uses it; WHEN one fails THEN the copy stays", () => {
    deploy("true");
    written("project/cdktf.out/manifest.json", '{"stacks":{}}');
    deploy("true");
    expect(readFileSync(at("deployed/manifest.json"), "utf8")).toBe('{"stacks":{}}');
    expect(readFileSync(at("deployed.old/manifest.json"), "utf8")).toBe("{}");
    expect(deploy("exit 1").status).toBe(1);
    expect(readFileSync(at("deployed/manifest.json"), "utf8")).toBe('{"stacks":{}}');
  });
});

describe(`the line for cron in ${PAGE}`, () => {
  const [table = ""] = under("cron", "text");
  const line = table.split("\n").find((one) => /^\d/.test(one)) ?? "";

  it.each([0, 1, 4])(
    "GIVEN a run that ends with %d THEN it writes the report only if that is not 0",
    (status) => {
      // Minute, hour, day, month, weekday and user stand before the command.
      const command = line.split(" ").slice(6).join(" ");
      written("mail-sni", `#!/bin/sh\necho report; echo error >&2; exit ${status}\n`, 0o755);
      const run = spawnSync("sh", ["-c", command], {
        env: { PATH: `${directory}:${process.env.PATH}` },
        encoding: "utf8",
      });
      expect(run.stdout).toBe(status === 0 ? "" : "report\nerror\n");
      // cron ends the command at a per cent sign.
      expect(command).not.toContain("%");
    },
  );
});

describeIf(actionlint, `the workflows of GitHub in ${PAGE}`, () => {
  const workflows = under("GitHub Actions", "yaml");

  it.each(workflows.map((code, index) => [index + 1, code] as const))(
    "GIVEN number %d THEN actionlint has nothing to say",
    async (_, code) => {
      const labels = written("actionlint.yaml", "self-hosted-runner:\n  labels: [mail]\n");
      const file = written("renew.yaml", code);
      const { exitCode, stdout } = await runCommand([findActionlint() ?? "", "-config-file", labels, file]);
      expect(stdout).toBe("");
      expect(exitCode).toBe(0);
    },
  );
});
