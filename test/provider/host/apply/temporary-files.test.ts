import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SafeDirectories } from "../../../../lib/provider/host/apply/safe-directories";
import { discardBeside } from "../../../../lib/provider/host/apply/temporary-files";
import { previousPath, stagedPath } from "../../../../lib/shared/transport/paths";
import { certificate, change, pathsOf, pem } from "../support/changes";
import { directory as directoryFact } from "../support/found";
import { ShellTransport, withSession } from "../support/shells";
import { TestHost } from "../support/test-host";

let on: TestHost;
beforeEach(() => {
  on = new TestHost();
});
afterEach(() => on.remove());

describe("temporary files", () => {
  it.each([
    ["in a safe directory", "0"],
    ["in a directory of another user", "65534"],
  ])(
    "GIVEN more of them %s than one process takes as arguments THEN all are removed, previous keys too",
    (_, uid) =>
      withSession(async (session) => {
        const directory = `/${"d".repeat(200)}/${"e".repeat(200)}`;
        const paths = Array.from({ length: 3000 }, (_, index) => `${directory}/${index}.pem`);
        const firstAndLast = [...paths.slice(0, 1), ...paths.slice(-1)];
        const temporary = firstAndLast.flatMap((path) => [stagedPath(path), previousPath(path)]);
        for (const path of temporary) on.write(path, "a key");
        const facts = new Map([[`/${"d".repeat(200)}`, { ...directoryFact(), uid }]]);
        const safe = new SafeDirectories(facts, new Set(), new Set(["0"]), []);
        expect(safe.has(directory)).toBe(uid === "0");
        expect(await discardBeside(paths, new Set(), { session, host: on.settings }, safe)).toBe(true);
        expect(temporary.filter((path) => on.has(path))).toEqual([]);
      }),
  );

  it("GIVEN they cannot be removed THEN the next run removes them", async () => {
    const stubborn = on.open({
      transport: new ShellTransport(["sh"], "discard() { return 1; }\ndiscard_safely() { return 1; }\n"),
    });
    const wanted = change({ files: [pem("/etc/key", "x")] });
    expect((await stubborn.change(wanted)).errors).toEqual([]);
    expect(on.leftovers()).not.toEqual([]);
    await stubborn.close();
    await on.open().change(wanted);
    expect(on.leftovers()).toEqual([]);
  });

  describe("GIVEN a file that cannot be restored", () => {
    const { served } = pathsOf("a.test");

    beforeEach(async () => {
      await on.open().change(certificate("a.test", "old"));
      const faulty = `mv() { case "$*" in *.mail-sni-old\\ ./*) return 1;; esac; command mv "$@"; }\n`;
      const host = on.open({ transport: new ShellTransport(["sh"], faulty) });
      const refused = certificate("a.test", "new", { kind: "update", configuration: "broken\n" });
      const { errors } = await host.change(refused);
      expect(errors.map(({ summary }) => summary)).toContain(`${served} could not be restored`);
      await host.close();
    });

    it("THEN its previous version stays beside it, without a staged file", () => {
      expect([on.read(served), on.read(previousPath(served))]).toEqual(["new", "old"]);
      expect(on.leftovers()).toEqual([previousPath(served)]);
    });

    it("WHEN a later update writes the file THEN the previous version is removed", async () => {
      const next = certificate("a.test", "next", { kind: "update" });
      expect((await on.open().change(next)).errors).toEqual([]);
      expect([on.read(served), on.leftovers()]).toEqual(["next", []]);
    });
  });
});
