import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleProvider, type ProviderBundle } from "../../build/provider-bundle";

const ROOT = resolve(__dirname, "../..");
const ENTRY = "test/provider/protocol/dummy/main.ts";
const OPTIONS = { file: "terraform-provider-dummy.cjs", packageVersion: "1.2.3" };

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "mail-sni-bundle-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The sources in another place, as another checkout has them. */
function checkout(name: string): string {
  const root = join(directory, name);
  mkdirSync(root, { recursive: true });
  for (const part of ["lib/provider/protocol", "lib/shared", "test/provider/protocol/dummy"]) {
    cpSync(join(ROOT, part), join(root, part), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
  for (const file of ["package.json", "tsconfig.json"]) cpSync(join(ROOT, file), join(root, file));
  return root;
}

describe("bundleProvider", () => {
  let bundle: ProviderBundle;
  beforeAll(async () => {
    bundle = await bundleProvider(join(ROOT, ENTRY), OPTIONS);
  });

  it("GIVEN the same sources in other places THEN the same bytes, with no path in them", async () => {
    for (const name of ["a", "b/deeper/down"]) {
      const other = await bundleProvider(join(checkout(name), ENTRY), OPTIONS);
      expect(other.content.equals(bundle.content), name).toBe(true);
    }
    const text = bundle.content.toString();
    for (const path of [ROOT, "node_modules/", directory]) expect(text).not.toContain(path);
  });

  it("GIVEN other sources THEN another version", async () => {
    const root = checkout("changed");
    writeFileSync(join(root, ENTRY), `${"globalThis.changed = true;"}\n`);
    const other = await bundleProvider(join(root, ENTRY), OPTIONS);
    expect(other.version).not.toBe(bundle.version);
  });

  it("THEN the version begins with the package's and ends with the content's hash, which h1 is made of", () => {
    const digest = createHash("sha256").update(bundle.content).digest("hex");
    expect(bundle.version).toBe(`1.2.3-b${digest.slice(0, 12)}`);
    const line = `${digest}  terraform-provider-dummy.cjs\n`;
    expect(bundle.h1).toBe(`h1:${createHash("sha256").update(line).digest("base64")}`);
  });

  it("THEN it runs by itself, far from its sources and their packages", () => {
    const file = join(directory, bundle.file);
    writeFileSync(file, bundle.content, { mode: 0o755 });
    const run = () => execFileSync(file, { cwd: "/", env: { PATH: process.env.PATH }, stdio: "pipe" });
    expect(run).toThrow(/does nothing by itself/);
  });
});
