import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCommand } from "../support/commands";
import { type CruisedModule, folderRings } from "./support/folder-rings";

const ROOT = resolve(__dirname, "../..");

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "mail-sni-imports-"));
  for (const file of [".dependency-cruiser.cjs", "tsconfig.json"])
    cpSync(join(ROOT, file), join(project, file));
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

/** A source that imports others, each by its path below `lib`. */
function plant(path: string, ...imported: readonly string[]): void {
  const file = join(project, "lib", path);
  mkdirSync(dirname(file), { recursive: true });
  const up = "../".repeat(path.split("/").length - 1) || "./";
  const lines = imported.map((each, index) => `import type { T as T${index} } from "${up}${each}";\n`);
  const uses = imported.map((_, index) => ` | T${index}`).join("");
  writeFileSync(file, `${lines.join("")}export type T = string${uses};\n`);
}

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
}

interface Cruise {
  readonly modules: readonly CruisedModule[];
  readonly summary: { readonly violations: readonly Violation[] };
}

async function cruise(directory: string): Promise<Cruise> {
  const command = [join(ROOT, "node_modules/.bin/depcruise"), "lib", "--output-type", "json"] as const;
  const { stdout } = await runCommand(command, { cwd: directory });
  return JSON.parse(stdout);
}

/** The names of the rules that the lint finds broken. */
async function broken(): Promise<readonly string[]> {
  const { summary } = await cruise(project);
  return [...new Set(summary.violations.map(({ rule }) => rule.name))].sort();
}

describe(".dependency-cruiser.cjs", () => {
  it("GIVEN both storeys on the ground THEN nothing is wrong", async () => {
    plant("shared/names.ts");
    plant("constructs/sni/mail.ts", "shared/names");
    plant("provider/host/host.ts", "shared/names");
    expect(await broken()).toEqual([]);
  });

  it("GIVEN imports across the storeys, and of the ground from below THEN each breaks its rule", async () => {
    const planted = [
      ["constructs/sni/mail.ts", "provider/host/host.ts", "storeys"],
      ["provider/keys/key.ts", "constructs/domain/name.ts", "storeys"],
      ["cli/verify.ts", "constructs/domain/name.ts", "storeys"],
      ["shared/names.ts", "provider/host/host.ts", "ground"],
      ["shared/tls/handshake.ts", "constructs/domain/name.ts", "ground"],
      ["provider/protocol/serve.ts", "provider/host/host.ts", "protocol"],
      ["provider/acme/order.ts", "provider/resources/account.ts", "acme-without-terraform"],
      ["shared/transport/session.ts", "shared/mail/rules.ts", "transport-without-mail"],
    ] as const;
    for (const [from, to] of planted) {
      plant(from, to.replace(/\.ts$/, ""));
      plant(to);
    }
    const { summary } = await cruise(project);
    const found = summary.violations.map(({ from, to, rule }) => [from, to, rule.name].join(" "));
    expect(found.sort()).toEqual(planted.map(([from, to, rule]) => `lib/${from} lib/${to} ${rule}`).sort());
  });

  it("GIVEN types of cdktf in what the provider stands on THEN it is refused", async () => {
    plant("shared/names.ts");
    const cdktf = join(project, "node_modules/cdktf");
    mkdirSync(cdktf, { recursive: true });
    writeFileSync(
      join(cdktf, "package.json"),
      '{ "name": "cdktf", "version": "0.21.0", "types": "index.d.ts" }',
    );
    writeFileSync(join(cdktf, "index.d.ts"), "export type T = string;\n");
    writeFileSync(
      join(project, "package.json"),
      '{ "name": "planted", "dependencies": { "cdktf": "0.21.0" } }',
    );
    writeFileSync(
      join(project, "lib/shared/names.ts"),
      'import type { T } from "cdktf";\nexport type N = T;\n',
    );
    expect(await broken()).toEqual(["provider-without-cdktf"]);
  });

  it("GIVEN two files that import each other THEN it is refused", async () => {
    plant("shared/a.ts", "shared/b");
    plant("shared/b.ts", "shared/a");
    expect(await broken()).toEqual(["no-file-cycles"]);
  });

  it("GIVEN two folders that import each other, but no two files THEN it is refused", async () => {
    plant("provider/host/apply/a.ts", "provider/host/record/b");
    plant("provider/host/record/b.ts");
    plant("provider/host/record/c.ts", "provider/host/apply/d");
    plant("provider/host/apply/d.ts");
    expect(await broken()).toEqual(["no-folder-cycles"]);
  });

  it("GIVEN a folder and one inside it that import each other THEN that is a ring", async () => {
    plant("provider/host/a.ts", "provider/host/record/b");
    plant("provider/host/record/b.ts");
    plant("provider/host/record/c.ts", "provider/host/d");
    plant("provider/host/d.ts");
    expect(folderRings((await cruise(project)).modules)).toEqual([
      ["lib/provider/host", "lib/provider/host/record"],
    ]);
  });

  it("THEN no folders of lib are in a ring", async () => {
    const { modules } = await cruise(ROOT);
    expect(modules.length).toBeGreaterThan(100);
    expect(folderRings(modules)).toEqual([]);
  });
});
