import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { mustRun } from "../../support/commands";
import { findEngines } from "../../support/engine";
import { Pebble } from "../../support/pebble";
import { describeIf, engine, pebble as pebbleIsThere } from "../../support/requirements";
import { Issued } from "./issued";
import { JournaledStack } from "./journaled-stack";

const [FIRST, LAST] = [findEngines().at(0), findEngines().at(-1)];
/** The least that a file takes in a tmpfs. */
const PAGE = 4096;

/** Pebble needs root, who can mount. */
describeIf([engine, pebbleIsThere], "a journal that cannot be written", () => {
  let pebble: Pebble;
  let stack: JournaledStack | undefined;
  let mounted: string | undefined;
  beforeAll(async () => {
    pebble = await Pebble.start();
  });
  afterEach(async () => {
    if (mounted !== undefined) await mustRun(["umount", mounted]);
    stack?.remove();
    [mounted, stack] = [undefined, undefined];
  });
  afterAll(() => pebble.stop());

  it.each([
    ["full", FIRST, `size=${PAGE}`, { fill: "x".repeat(PAGE) }],
    ["full as soon as there are two entries", LAST, `size=${2 * PAGE}`, {}],
    ["read-only", LAST, "ro", {}],
  ] as const)(
    "GIVEN a directory that is %s THEN certificates are issued with one warning, and the next plan is empty and says nothing",
    async (_, engine, options, files) => {
      const issued = new Issued(pebble);
      const [before, domains] = [issued.count, ["a.test", "b.test", "c.test"]];
      stack = await JournaledStack.create({ engine: engine ?? expect.fail(), pebble });
      mkdirSync(stack.journal);
      await mustRun(["mount", "-t", "tmpfs", "-o", `mode=0700,${options}`, "tmpfs", stack.journal]);
      mounted = stack.journal;
      for (const [name, text] of Object.entries(files)) writeFileSync(join(mounted, name), text);
      stack.declare(domains.map((name) => [name]));
      await stack.init();

      const { output } = await stack.apply();
      expect(output).toContain("Apply complete!");
      expect(output.match(/Warning: The issuance journal cannot be written/g)).toHaveLength(1);
      expect(output).toMatch(/ENOSPC|EROFS/);
      expect(output).not.toContain("PRIVATE KEY");
      expect(issued.count - before).toBe(domains.length);
      const plan = await stack.plan();
      expect(plan.exitCode).toBe(0);
      expect(plan.output).not.toContain("Warning");
      expect(readdirSync(mounted)).toEqual(Object.keys(files));
    },
  );
});
