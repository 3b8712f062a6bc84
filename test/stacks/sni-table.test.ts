import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mustRun } from "../support/commands";
import { providerDirectory } from "../support/synthesized";

const ROOT = resolve(__dirname, "../..");

describe("the example stacks", () => {
  let directory: string;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "example-stacks-"));
    const context = { "mail-sni:provider-directory": providerDirectory(), "mail-sni:table": directory };
    const { app } = JSON.parse(readFileSync(join(ROOT, "cdktf.json"), "utf8"));
    await mustRun(["sh", "-c", app], {
      cwd: ROOT,
      env: {
        ...process.env,
        CDKTF_OUTDIR: join(directory, "cdktf.out"),
        CDKTF_CONTEXT_JSON: JSON.stringify(context),
      },
    });
  });

  afterAll(() => rmSync(directory, { recursive: true }));

  it.each(["sni-table.md", "sni-table.json"])("THEN their %s is the committed one", (name) => {
    expect(readFileSync(join(directory, name), "utf8")).toBe(readFileSync(join(ROOT, name), "utf8"));
  });

  it("THEN no rule has anything to say of them", () => {
    const { stacks } = JSON.parse(readFileSync(join(directory, "cdktf.out/manifest.json"), "utf8"));
    const annotations = Object.values<{ annotations: object[] }>(stacks).flatMap(
      (stack) => stack.annotations,
    );
    expect(annotations).toEqual([]);
  });
});
