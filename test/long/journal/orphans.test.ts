import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { type Engine, findEngines } from "../../support/engine";
import { Pebble } from "../../support/pebble";
import { describeIf, engine, pebble as pebbleIsThere } from "../../support/requirements";
import { Issued } from "./issued";
import { JournaledStack, type JournaledStackOptions } from "./journaled-stack";
import { httpStates } from "./remote-states";

const DOMAINS = Array.from({ length: 20 }, (_, index) => `d${index}.test`);
const CERTIFICATES = DOMAINS.map((name) => [name] as const);
const ENGINES = findEngines().map((each) => [each.name, each] as const);
const OPTIONS = { timeout: 300_000 };

describeIf([engine, pebbleIsThere], "a provider whose engine was killed before it saved a state", () => {
  it.each(ENGINES)(
    "GIVEN %s, and the provider still works WHEN the next apply begins THEN it waits, and issues nothing twice",
    OPTIONS,
    async (_, engine) => {
      const { stack, issued } = await declared(engine);
      const output = await appliedBesideOrphan(stack, () => issued.count >= 5);
      expect(output).toContain("Apply complete!");
      expect(issued.count).toBe(DOMAINS.length);
      expect((await stack.plan()).exitCode).toBe(0);
    },
  );

  it.each(ENGINES)(
    "GIVEN %s, certificates that are issued once more, and a journal on a host THEN the next apply issues nothing twice either",
    OPTIONS,
    async (_, engine) => {
      const root = mkdtempSync(join(tmpdir(), "mail-sni-journal-host-"));
      onTestFinished(() => rmSync(root, { recursive: true, force: true }));
      const { stack, issued } = await declared(engine, {
        passphrase: "a passphrase of the journal",
        journalHost: { root, ownership: "skip" },
      });
      expect((await stack.apply()).output).toContain("Apply complete!");
      stack.declare(CERTIFICATES, "now");
      const output = await appliedBesideOrphan(stack, () => issued.count >= DOMAINS.length + 5);
      expect(output).toContain("Apply complete!");
      expect(output).not.toContain("The issuance journal cannot be written");
      expect(issued.count).toBe(2 * DOMAINS.length);
      expect((await stack.plan()).exitCode).toBe(0);
    },
  );
});

/** A stack whose state is behind the `http` backend, which an engine that is killed has not written to. */
async function declared(engine: Engine, options: Partial<JournaledStackOptions> = {}) {
  const [pebble, states] = [await Pebble.start(), await httpStates()];
  const stack = await JournaledStack.create({ engine, pebble, states, ...options });
  onTestFinished(async () => {
    stack.remove();
    await states.stop();
    await pebble.stop();
  });
  stack.declare(CERTIFICATES);
  await stack.init();
  return { stack, issued: new Issued(pebble) };
}

/** What an apply prints that begins while the provider of a killed one has stopped, and ends after that. */
async function appliedBesideOrphan(stack: JournaledStack, isTime: () => boolean): Promise<string> {
  const goOn = await stack.applyUntilOrphaned(isTime);
  const { finished } = await stack.applyUntilItWaits();
  goOn();
  return (await finished).output;
}
