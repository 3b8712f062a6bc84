import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { findEngines } from "../../support/engine";
import { Pebble } from "../../support/pebble";
import { describeIf, engine, pebble as pebbleIsThere } from "../../support/requirements";
import { JournaledStack } from "./journaled-stack";

describeIf([engine, pebbleIsThere], "the journal of a folder with two workspaces", () => {
  it.each(
    findEngines().flatMap((each) => [
      [each.name, "in a directory", each] as const,
      [each.name, "on a host", each] as const,
    ]),
  )(
    "GIVEN %s, a journal %s, and a deploy of the first that no plan has followed THEN the second shares neither key nor account with it",
    { timeout: 120_000 },
    async (_, where, engine) => {
      const pebble = await Pebble.start();
      const root = mkdtempSync(join(tmpdir(), "mail-sni-journal-host-"));
      const stack = await JournaledStack.create({
        engine,
        pebble,
        ...(where === "on a host" && {
          passphrase: "a passphrase of the journal",
          journalHost: { root, ownership: "skip" },
        }),
      });
      try {
        stack.declare([["a.test"]]);
        await stack.init();
        const secrets = async () => {
          expect((await stack.apply()).output).toContain("Apply complete!");
          const { resources } = await stack.state();
          return resources.flatMap(({ instances }) =>
            instances.flatMap(({ attributes }) => attributes.private_key_pem ?? []),
          );
        };
        const first = await secrets();
        await stack.selectNewWorkspace("second");
        const second = await secrets();
        expect(new Set([...first, ...second]).size).toBe(4);
      } finally {
        stack.remove();
        rmSync(root, { recursive: true, force: true });
        await pebble.stop();
      }
    },
  );
});
