import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PrivateDirectory } from "../../../../lib/shared/transport/ssh/private-directory";

describe("PrivateDirectory", () => {
  it.each(["missing", "/missing", "/etc/passwd"])("GIVEN %s as TMPDIR THEN /tmp is used", (temporary) => {
    const directory = new PrivateDirectory(null, temporary);
    expect(dirname(dirname(directory.socket))).toBe("/tmp");
    directory.remove();
  });

  let parent: string;
  beforeEach(() => {
    parent = mkdtempSync("/tmp/sni-");
  });
  afterEach(() => rmSync(parent, { recursive: true, force: true }));

  it("GIVEN a TMPDIR in which others could exchange the directory for theirs THEN /tmp is used", () => {
    chmodSync(parent, 0o777);
    const directory = new PrivateDirectory(null, parent);
    expect(dirname(dirname(directory.socket))).toBe("/tmp");
    directory.remove();
  });

  it("GIVEN what a killed run has left, its ssh being gone, THEN that is removed, and nothing of another run", async () => {
    const left = ["mail-sni-ssh-aaaaaa", "mail-sni-ssh-bbbbbb"].map((name) => join(parent, name)) as [
      string,
      string,
    ];
    for (const path of left) mkdirSync(path);
    writeFileSync(join(left[0], "known_hosts"), "");
    writeFileSync(join(left[0], `s.${"x".repeat(16)}`), "");
    for (const path of left) utimesSync(path, 0, 0);
    const other = new PrivateDirectory("", parent);

    const directory = new PrivateDirectory(null, parent);

    await vi.waitFor(() => expect(left.map(existsSync)).toEqual([false, false]));
    expect([directory, other].map(({ socket }) => existsSync(dirname(socket)))).toEqual([true, true]);
  });
});
