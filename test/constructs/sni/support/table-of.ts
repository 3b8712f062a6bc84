import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TerraformStack, Testing } from "cdktf";
import { type Json, providerDirectory } from "../../../support/synthesized";

export interface WrittenTable {
  readonly markdown: string;
  readonly lines: readonly string[];
  readonly json: Json;
}

/** The table that an app with one stack, `mail`, writes. */
export function tableOf(declare: (stack: TerraformStack) => void): WrittenTable {
  const directory = mkdtempSync(join(tmpdir(), "sni-table-"));
  try {
    const context = { "mail-sni:provider-directory": providerDirectory(), "mail-sni:table": directory };
    const app = Testing.app({ outdir: join(directory, "cdktf.out"), context });
    declare(new TerraformStack(app, "mail"));
    app.synth();
    const markdown = readFileSync(join(directory, "sni-table.md"), "utf8");
    const json = JSON.parse(readFileSync(join(directory, "sni-table.json"), "utf8"));
    return { markdown, lines: markdown.split("\n"), json };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
