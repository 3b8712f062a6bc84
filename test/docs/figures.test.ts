import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { describe, expect, it } from "vitest";
import { textOf } from "./support/code-blocks";

const ROOT = resolve(__dirname, "../..");
const PAGE = "docs/figures.md";

describe(PAGE, () => {
  const rows = textOf(PAGE)
    .split("\n")
    .filter((line) => /^\| (?!what|---)/.test(line));
  const commands = rows.map((row) => /`(--[^`]+)` \|$/.exec(row)?.[1]);

  it("THEN each row has a command", () => {
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.filter((_, index) => commands[index] === undefined)).toEqual([]);
  });

  it("THEN `npm run bench` has the parts and options of each command", () => {
    const { stdout } = spawnSync(process.execPath, ["--import", "tsx", "bench/main.ts", "--help"], {
      cwd: ROOT,
      encoding: "utf8",
    });
    const [usage = "", parts = ""] = stdout.split("\n\n");
    const known = [...usage.matchAll(/--(\w+) /g)].map(([, name]) => name as string);
    const options = Object.fromEntries(known.map((name) => [name, { type: "string" as const }]));
    for (const command of new Set(commands)) {
      const { values } = parseArgs({ args: command?.split(" ") ?? [], options });
      expect(parts).toMatch(new RegExp(`\\b${values.only}\\b`));
    }
  });
});
