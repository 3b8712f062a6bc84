import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mustRun } from "../support/commands";
import { providerDirectory } from "../support/synthesized";

const ROOT = resolve(__dirname, "../..");

describe("the example stacks, synthesized as `cdktf.json` says", () => {
  let directory: string;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "example-stacks-"));
    cpSync(join(ROOT, "stacks"), join(directory, "stacks"), {
      recursive: true,
      filter: (path) => !/sni-table\.\w+$/.test(path),
    });
    for (const name of ["lib", "node_modules", "package.json", "tsconfig.json"]) {
      symlinkSync(join(ROOT, name), join(directory, name));
    }
    const context = { "mail-sni:provider-directory": providerDirectory() };
    const { app } = JSON.parse(readFileSync(join(ROOT, "cdktf.json"), "utf8"));
    await mustRun(["sh", "-c", app], {
      cwd: directory,
      env: {
        ...process.env,
        CDKTF_OUTDIR: join(directory, "cdktf.out"),
        CDKTF_CONTEXT_JSON: JSON.stringify(context),
      },
    });
  });

  afterAll(() => rmSync(directory, { recursive: true }));

  it.each(["sni-table.md", "sni-table.json"])(
    "THEN their %s is beside them, and is the committed one",
    (name) => {
      const [written, committed] = [directory, ROOT].map((root) =>
        readFileSync(join(root, "stacks", name), "utf8"),
      );
      expect(written).toBe(committed);
      expect(existsSync(join(directory, name))).toBe(false);
    },
  );

  it("THEN no rule has anything to say of them", () => {
    const { stacks } = JSON.parse(readFileSync(join(directory, "cdktf.out/manifest.json"), "utf8"));
    const annotations = Object.values<{ annotations: object[] }>(stacks).flatMap(
      (stack) => stack.annotations,
    );
    expect(annotations).toEqual([]);
  });
});
