import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SafeDirectories } from "../../../../lib/provider/host/apply/safe-directories";
import { discardBeside } from "../../../../lib/provider/host/apply/temporary-files";
import { previousPath, stagedPath } from "../../../../lib/shared/transport/paths";
import { change, pem } from "../support/changes";
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
    ["where nobody else can make a name", "0"],
    ["in a directory of another user", "65534"],
  ])("GIVEN more of them %s than one process takes as arguments THEN all go, previous keys too", (_, uid) =>
    withSession(async (session) => {
      const directory = `/${"d".repeat(200)}/${"e".repeat(200)}`;
      const paths = Array.from({ length: 3000 }, (_, index) => `${directory}/${index}.pem`);
      const firstAndLast = [...paths.slice(0, 1), ...paths.slice(-1)];
      const temporary = firstAndLast.flatMap((path) => [stagedPath(path), previousPath(path)]);
      for (const path of temporary) on.write(path, "a key");
      const facts = new Map([[`/${"d".repeat(200)}`, { ...directoryFact(), uid }]]);
      const safe = new SafeDirectories(facts, new Set(), new Set(["0"]), []);
      expect(safe.has(directory)).toBe(uid === "0");
      expect(await discardBeside(paths, { session, host: on.settings }, safe)).toBe(true);
      expect(temporary.filter((path) => on.has(path))).toEqual([]);
    }),
  );

  it("GIVEN they cannot be removed THEN the next run does it, if it can", async () => {
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
});
