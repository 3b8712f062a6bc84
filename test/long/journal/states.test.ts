import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { findEngines } from "../../support/engine";
import { Pebble } from "../../support/pebble";
import { describeIf, engine, pebble as pebbleIsThere } from "../../support/requirements";
import { JournaledStack } from "./journaled-stack";
import { httpStates } from "./remote-states";

describeIf([engine, pebbleIsThere], "the journal of a folder with two states", () => {
  it.each(
    findEngines().flatMap((each) =>
      ["workspaces", "backends"].flatMap((what) => [
        [each.name, "in a directory", what, each] as const,
        [each.name, "on a host", what, each] as const,
      ]),
    ),
  )(
    "GIVEN %s, a journal %s, two %s, and a deploy of the first that no plan has followed THEN the second shares neither key nor account with it",
    { timeout: 120_000 },
    async (_, where, what, engine) => {
      const [pebble, states] = [await Pebble.start(), await httpStates()];
      const root = mkdtempSync(join(tmpdir(), "mail-sni-journal-host-"));
      const stack = await JournaledStack.create({
        engine,
        pebble,
        // Not every backend has workspaces.
        ...(what === "backends" && { states }),
        ...(where === "on a host" && {
          passphrase: "a passphrase of the journal",
          journalHost: { root, ownership: "skip" },
        }),
      });
      const select = async (state: string) => {
        stack.stateName = state;
        stack.declare([["a.test"]]);
        await stack.init();
      };
      const secrets = async () => {
        expect((await stack.apply()).output).toContain("Apply complete!");
        const { resources } = await stack.state();
        return resources.flatMap(({ instances }) =>
          instances.flatMap(({ attributes }) => attributes.private_key_pem ?? []),
        );
      };
      try {
        await select("staging");
        const first = await secrets();
        if (what === "workspaces") await stack.selectNewWorkspace("second");
        else await select("production");
        const second = await secrets();
        expect(new Set([...first, ...second]).size).toBe(4);
      } finally {
        stack.remove();
        rmSync(root, { recursive: true, force: true });
        await states.stop();
        await pebble.stop();
      }
    },
  );
});
