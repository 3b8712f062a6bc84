import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { runCommand } from "../../support/commands";
import { MARKER, SAMPLE } from "./support/plan-json";

const ROOT = resolve(__dirname, "../../..");
/** A name of a certificate, which is kept. */
const KEPT = "kept-name.test";

/** Reads a plan, and says which of two texts, given as hex, are strings in the heap afterwards. */
const PROGRAM = `
  import { createReadStream } from "node:fs";
  import { getHeapSnapshot } from "node:v8";
  import { PlanReader } from ${JSON.stringify(join(ROOT, "lib/cli/planned/read-plan.ts"))};
  const [file = "", ...texts] = process.argv.slice(2);
  const wanted = texts.map((text) => Buffer.from(text, "hex"));
  async function main() {
    const reader = new PlanReader("plan");
    for await (const piece of createReadStream(file, { highWaterMark: 1000 })) reader.write(piece);
    const plan = reader.end();
    const found = wanted.map(() => false);
    let end = Buffer.alloc(0);
    for await (const piece of getHeapSnapshot()) {
      const bytes = Buffer.concat([end, piece]);
      for (const [index, text] of wanted.entries()) found[index] ||= bytes.includes(text);
      end = bytes.subarray(-1000);
    }
    console.log(JSON.stringify(found), plan.changes.length);
  }
  void main();`;

it("GIVEN a plan with keys THEN no key is a string in the heap of the process that has read it", async () => {
  const directory = mkdtempSync(join(tmpdir(), "mail-sni-heap-"));
  try {
    const [program, plan] = [join(directory, "program.mts"), join(directory, "plan.json")];
    writeFileSync(program, PROGRAM);
    writeFileSync(plan, JSON.stringify(SAMPLE).replaceAll('"www.a.test"', `"${KEPT}"`));
    const texts = [MARKER, KEPT].map((text) => Buffer.from(text).toString("hex"));
    const { stdout, stderr } = await runCommand(["node", "--import", "tsx", program, plan, ...texts], {
      cwd: ROOT,
    });
    expect(stdout, stderr).toBe("[false,true] 5\n");
  } finally {
    rmSync(directory, { recursive: true });
  }
});
