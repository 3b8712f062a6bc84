import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { previousPath, stagedPath } from "../../../../lib/provider/remote/paths";
import { discardBeside } from "../../../../lib/provider/remote/transaction/temporary-files";
import { change, pem } from "../support/changes";
import { ShellTransport, withSession } from "../support/shells";
import { TestHost } from "../support/test-host";

let on: TestHost;
beforeEach(() => {
  on = new TestHost();
});
afterEach(() => on.remove());

describe("temporary files", () => {
  it("GIVEN more of them than one process takes as arguments THEN all go, previous keys too", () =>
    withSession(async (session) => {
      const directory = `/${"d".repeat(200)}/${"e".repeat(200)}`;
      const paths = Array.from({ length: 3000 }, (_, index) => `${directory}/${index}.pem`);
      const [first, last] = [paths[0], paths[paths.length - 1]];
      const temporary = [first, last].flatMap((path) => [stagedPath(path), previousPath(path)]);
      for (const path of temporary) on.write(path, "a key");
      await discardBeside(paths, { session, host: on.settings });
      expect(temporary.filter((path) => on.has(path))).toEqual([]);
    }));

  it("GIVEN they cannot be removed THEN the next run does it, if it can", async () => {
    const stubborn = on.open({ transport: new ShellTransport(["sh"], "discard() { return 1; }\n") });
    const wanted = change({ files: [pem("/etc/key", "x")] });
    expect((await stubborn.change(wanted)).errors).toEqual([]);
    expect(on.leftovers()).not.toEqual([]);
    await stubborn.close();
    await on.open().change(wanted);
    expect(on.leftovers()).toEqual([]);
  });
});
