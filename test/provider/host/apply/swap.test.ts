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

/** What a shell takes for `tar`; the function of the host script that calls it stays. */
const TAR = {
  "as it is": "",
  "that is missing": "tar() { return 127; }\n",
  "that ends in the middle": 'tar() { head -c 1536 | command tar -xkPomf - -C "$4"; return 2; }\n',
};

describe.each(SHELLS.map((shell) => [shell[0], shell] as const))("names that appear, by %s", (_, shell) => {
  it.each(Object.entries(TAR))("GIVEN a tar %s THEN each file and link is there", async (_name, prelude) => {
    const result = await on.open({ transport: new ShellTransport(shell, prelude) }).change(ALL);

    expect(result.errors).toEqual([]);
    expect(on.tree()).toMatchObject(TREE);
    expect(FILES.map(({ path }) => on.mode(path))).toEqual(FILES.map(({ mode }) => mode));
    expect(on.leftovers()).toEqual([]);
  });
});

describe("a name that somebody else takes meanwhile", () => {
  it("THEN it is left alone, that is said, and nothing of the resource stays", async () => {
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
