import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { change, link, pem, text } from "../support/changes";
import { SHELLS, ShellTransport } from "../support/shells";
import { TestHost } from "../support/test-host";

let on: TestHost;
beforeEach(() => {
  on = new TestHost();
});
afterEach(() => on.remove());

const LONG = `/etc/${"a".repeat(120)}.pem`;
const FILES = [
  pem("/etc/a.pem", "key a"),
  pem("/etc/b.pem", "key b"),
  text("/etc/c.conf", "c\n"),
  pem(LONG, "long"),
];
const LINKS = ["one", "two", "three", "four"].map((name) => link(`/etc/names/${name}/pem`, "../../a.pem"));
const ALL = change({ files: FILES, links: LINKS });
const TREE = Object.fromEntries([
  ...FILES.map(({ path, contents }) => [path, contents]),
  ...LINKS.map(({ path, target }) => [path, `-> ${target}`]),
]);

/** Replacements for the command `tar` that the host script runs. */
const TAR = {
  "that works": "",
  "that is missing": "tar() { return 127; }\n",
  "that ends in the middle": 'tar() { head -c 1536 | command tar -xkPomf - -C "$4"; return 2; }\n',
};

describe.each(SHELLS.map((shell) => [shell[0], shell] as const))("new names, by %s", (_, shell) => {
  it.each(Object.entries(TAR))(
    "GIVEN a tar %s THEN each file and link is created",
    async (_name, prelude) => {
      const result = await on.open({ transport: new ShellTransport(shell, prelude) }).change(ALL);

      expect(result.errors).toEqual([]);
      expect(on.tree()).toMatchObject(TREE);
      expect(FILES.map(({ path }) => on.mode(path))).toEqual(FILES.map(({ mode }) => mode));
      expect(on.leftovers()).toEqual([]);
    },
  );
});

describe("a name that another user takes meanwhile", () => {
  it("THEN it stays, the error names it, and no file of the resource stays", async () => {
    const taken = on.at("/etc/names/two/pem");
    const prelude = `tar() { ln -s elsewhere ${taken}; command tar "$@"; }\n`;
    const result = await on.open({ transport: new ShellTransport(["sh"], prelude) }).change(ALL);

    expect(result.errors).toEqual([
      expect.objectContaining({ detail: expect.stringContaining("File exists"), path: "/etc/names/two/pem" }),
    ]);
    expect(on.tree()).toMatchObject({ "/etc/names/two/pem": "-> elsewhere" });
    expect(FILES.filter(({ path }) => on.has(path))).toEqual([]);
    expect(LINKS.filter(({ path }) => on.has(path))).toEqual([]);
  });
});
