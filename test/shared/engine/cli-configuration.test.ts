import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { TerraformStack } from "cdktf";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PrivateCa } from "../../../lib";
import { type HidingFile, hidingFiles } from "../../../lib/shared/engine/cli-configuration";
import { testApp } from "../../support/synthesized";

const SOURCE = "mail-sni.invalid/mail-sni/mailsni";
const HIDING = "provider_installation {\n  direct {}\n}\n";
const HELPED = `provider_installation {
  filesystem_mirror {
    path    = "terraform.d/plugins"
    include = ["mail-sni.invalid/*/*"]
  }
  direct {
    exclude = ["mail-sni.invalid/*/*"]
  }
}
`;

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "mail-sni-home-"));
});

afterEach(() => {
  rmSync(home, { recursive: true });
  vi.unstubAllEnvs();
});

function write(name: string, text: string): void {
  mkdirSync(dirname(join(home, name)), { recursive: true });
  writeFileSync(join(home, name), text);
}

describe("hidingFiles", () => {
  const find = (environment: Record<string, string> = {}): HidingFile[] =>
    hidingFiles(SOURCE, join(home, "stack"), { HOME: home, ...environment });
  const both = ["terraform", "tofu"];

  it("GIVEN no configuration THEN none", () => {
    expect(find()).toEqual([]);
  });

  it.each<
    [
      what: string,
      file: string,
      path: string,
      engines: readonly string[],
      environment: Record<string, string>,
    ]
  >([
    ["both engines' file", ".terraformrc", "~/.terraformrc", both, {}],
    ["OpenTofu's file", ".tofurc", "~/.tofurc", ["tofu"], {}],
    ["a file of the directory", ".terraform.d/mirror.tfrc", "~/.terraform.d/mirror.tfrc", both, {}],
    ["OpenTofu's file by XDG", "xdg/opentofu/tofurc", "~/xdg/opentofu/tofurc", ["tofu"], { XDG: "xdg" }],
    ["OpenTofu's directory by XDG", "xdg/opentofu/a.tfrc", "~/xdg/opentofu/a.tfrc", ["tofu"], { XDG: "xdg" }],
    ["a file that is named", "ci.tfrc", "~/ci.tfrc", both, { FILE: "ci.tfrc" }],
    ["one that is named in the old way", "ci.tfrc", "~/ci.tfrc", both, { OLD: "ci.tfrc" }],
    [
      "the engine that cdktf is told to run",
      ".terraformrc",
      "~/.terraformrc",
      ["tofu"],
      { ENGINE: "/opt/tofu" },
    ],
    ["an engine of another name", ".terraformrc", "~/.terraformrc", both, { ENGINE: "/opt/tf-1.12" }],
  ])("GIVEN %s with the block THEN that file", (_, file, path, engines, { XDG, FILE, OLD, ENGINE }) => {
    write(file, HIDING);
    const environment = {
      ...(XDG && { XDG_CONFIG_HOME: join(home, XDG) }),
      ...(FILE && { TF_CLI_CONFIG_FILE: join(home, FILE) }),
      ...(OLD && { TERRAFORM_CONFIG: join(home, OLD) }),
      ...(ENGINE && { TERRAFORM_BINARY_NAME: ENGINE }),
    };
    expect(find(environment)).toEqual([{ path, engines }]);
  });

  it.each<[what: string, files: Record<string, string>, environment: Record<string, string>]>([
    ["a block that names our host", { ".terraformrc": HELPED }, {}],
    ["a file without the block", { ".terraformrc": 'plugin_cache_dir = "/var/cache"\n' }, {}],
    [
      "OpenTofu's own file in front of the common one",
      { ".terraformrc": HIDING, ".tofurc": "" },
      { TERRAFORM_BINARY_NAME: "tofu" },
    ],
    ["OpenTofu's own file, for Terraform", { ".tofurc": HIDING }, { TERRAFORM_BINARY_NAME: "terraform" }],
    ["another file that is named", { ".terraformrc": HIDING }, { TF_CLI_CONFIG_FILE: "/dev/null" }],
    [
      "a file that is named and is not there",
      { ".terraformrc": HIDING },
      { TF_CLI_CONFIG_FILE: "none.tfrc" },
    ],
    [
      "an init that is told where to look",
      { ".terraformrc": HIDING },
      { TF_CLI_ARGS_init: "-input=false -plugin-dir=x" },
    ],
    ["a directory in the file's place", { ".terraformrc/x": HIDING }, {}],
    ["an endless file", {}, { TF_CLI_CONFIG_FILE: "/dev/zero" }],
  ])("GIVEN %s THEN none", (_, files, environment) => {
    for (const [name, text] of Object.entries(files)) write(name, text);
    expect(find(environment)).toEqual([]);
  });

  it("GIVEN a relative name THEN it is relative to where the engine runs", () => {
    write("stack/ci.tfrc", HIDING);
    expect(find({ TF_CLI_CONFIG_FILE: "ci.tfrc" }).map(({ path }) => path)).toEqual(["~/stack/ci.tfrc"]);
  });
});

describe("a stack, GIVEN such a file", () => {
  it("WHEN synthesized twice THEN it is warned once, with the lines that help", () => {
    write(".terraformrc", HIDING);
    vi.stubEnv("HOME", home);
    vi.stubEnv("TF_CLI_CONFIG_FILE", "");
    const app = testApp();
    const ca = new PrivateCa(new TerraformStack(app, "mail"), "ca");

    app.synth();
    app.synth();

    const warnings = ca.node.root.node
      .findAll()
      .flatMap(({ node }) => node.metadata)
      .filter(({ type }) => type === "@cdktf/warn");
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.data).toMatch(
      /^~\/\.terraformrc has a provider_installation block.*\[PROVIDER_HIDDEN\]$/s,
    );
    for (const line of ['path    = "terraform.d/plugins"', 'exclude = ["mail-sni.invalid/*/*"]']) {
      expect(warnings[0]?.data).toContain(line);
    }
  });
});
