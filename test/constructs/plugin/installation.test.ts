import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { installProvider } from "../../../lib/constructs/plugin/installation";

describe("installProvider", () => {
  let directory: string;
  let stack: string;
  let versions: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "install-"));
    stack = join(directory, "stack");
    mkdirSync(stack);
    versions = join(stack, "terraform.d/plugins/mail-sni.invalid/mail-sni/mailsni");
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  function install(version: string, content = `#!/usr/bin/env node\n// ${version}\n`): void {
    const bundle = join(directory, "provider.cjs");
    writeFileSync(bundle, content);
    installProvider(stack, { version, bundle, file: "terraform-provider-mailsni.cjs", h1: `h1:${version}=` });
  }

  function executables(): string[] {
    return readdirSync(versions, { recursive: true, encoding: "utf8" })
      .filter((path) => statSync(join(versions, path)).isFile())
      .sort();
  }

  it("puts the same executable there for each platform, and nothing beside it", () => {
    install("1.0.0");

    expect(executables()).toEqual(
      ["darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64"].map(
        (platform) => `1.0.0/${platform}/terraform-provider-mailsni.cjs`,
      ),
    );
    for (const path of executables()) {
      expect(statSync(join(versions, path)).mode & 0o777).toBe(0o755);
      expect(readFileSync(join(versions, path), "utf8")).toContain("// 1.0.0");
    }
  });

  it("takes the room of one", () => {
    install("1.0.0");

    expect(new Set(executables().map((path) => statSync(join(versions, path)).ino)).size).toBe(1);
  });

  it("removes other versions of it, and nothing else", () => {
    install("1.0.0");
    const other = join(stack, "terraform.d/plugins/example.org/a/b/1.0.0");
    mkdirSync(other, { recursive: true });

    install("1.0.1");

    expect(readdirSync(versions)).toEqual(["1.0.1"]);
    expect(existsSync(other)).toBe(true);
  });

  it("leaves nothing half done beside them if a file cannot be put there", () => {
    const bundle = join(directory, "provider.cjs");
    writeFileSync(bundle, "");
    const manifest = { version: "1.0.0", bundle, file: "n".repeat(256), h1: "h1:=" };
    expect(() => installProvider(stack, manifest)).toThrow("ENAMETOOLONG");
    expect(readdirSync(join(stack, "terraform.d"))).toEqual(["plugins"]);
  });

  it("leaves files alone that are right, since an engine may be running them", () => {
    install("1.0.0");
    const before = executables().map((path) => statSync(join(versions, path)).ino);

    install("1.0.0");

    expect(executables().map((path) => statSync(join(versions, path)).ino)).toEqual(before);
  });

  it("puts right what was changed, and restores a lost exec bit", () => {
    install("1.0.0");
    const [changed, unexecutable] = executables().map((path) => join(versions, path)) as [string, string];
    rmSync(changed);
    writeFileSync(changed, "something else");
    chmodSync(unexecutable, 0o644);

    install("1.0.0");

    expect(readFileSync(changed, "utf8")).toContain("// 1.0.0");
    for (const path of executables()) expect(statSync(join(versions, path)).mode & 0o777).toBe(0o755);
  });

  it("has an entry in the lock file, beside those of others", () => {
    const other = 'provider "registry.terraform.io/hashicorp/null" {\n  version = "3.2.3"\n}\n';
    writeFileSync(join(stack, ".terraform.lock.hcl"), other);

    install("1.0.0");
    install("1.0.1");

    const lock = readFileSync(join(stack, ".terraform.lock.hcl"), "utf8");
    expect(lock).toContain(other);
    expect(lock).toContain('"h1:1.0.1="');
    expect(lock).not.toContain("1.0.0");
  });
});
