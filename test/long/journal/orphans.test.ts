import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { findEngines } from "../../support/engine";
import { Pebble } from "../../support/pebble";
import { describeIf, engine, pebble as pebbleIsThere } from "../../support/requirements";
import { Issued } from "./issued";
import { JournaledStack } from "./journaled-stack";
import { httpStates } from "./remote-states";

const DOMAINS = Array.from({ length: 20 }, (_, index) => `d${index}.test`);

describeIf([engine, pebbleIsThere], "a provider whose engine was killed before it saved a state", () => {
  it.each(findEngines().map((each) => [each.name, each] as const))(
    "GIVEN %s, certificates that are issued once more, and a journal on a host THEN the next apply issues nothing twice either",
    { timeout: 300_000 },
    async (_, engine) => {
      const root = mkdtempSync(join(tmpdir(), "mail-sni-journal-host-"));
      const [pebble, states] = [await Pebble.start(), await httpStates()];
      const stack = await JournaledStack.create({
        engine,
        pebble,
        states,
        passphrase: "a passphrase of the journal",
        journalHost: { root, ownership: "skip" },
      });
      const certificates = DOMAINS.map((name) => [name] as const);
      try {
        const issued = new Issued(pebble);
        stack.declare(certificates);
        await stack.init();
        expect((await stack.apply()).output).toContain("Apply complete!");
        stack.declare(certificates, "now");
        const goOn = await stack.applyUntilOrphaned(() => issued.count >= DOMAINS.length + 5);
        const next = stack.apply();
        await stack.waits();
        goOn();
        const { output } = await next;
        expect(output).toContain("Apply complete!");
        expect(output).not.toContain("The issuance journal cannot be written");
        expect(issued.count).toBe(2 * DOMAINS.length);
        expect((await stack.plan()).exitCode).toBe(0);
      } finally {
        stack.remove();
        await states.stop();
        await pebble.stop();
        rmSync(root, { recursive: true, force: true });
      }
    },
  );

  it.each(findEngines().map((each) => [each.name, each] as const))(
    "GIVEN %s, and the provider still works WHEN the next apply begins THEN it waits, and issues nothing twice",
    { timeout: 300_000 },
    async (_, engine) => {
      const [pebble, states] = [await Pebble.start(), await httpStates()];
      const stack = await JournaledStack.create({ engine, pebble, states });
      try {
        const issued = new Issued(pebble);
        stack.declare(DOMAINS.map((name) => [name]));
        await stack.init();
        const goOn = await stack.applyUntilOrphaned(() => issued.count >= 5);
        const next = stack.apply();
        await stack.waits();
        goOn();
        const { output } = await next;
        expect(output).toContain("Apply complete!");
        expect(issued.count).toBe(DOMAINS.length);
        expect((await stack.plan()).exitCode).toBe(0);
      } finally {
        stack.remove();
        await states.stop();
        await pebble.stop();
      }
    },
  );
});
