import { describe, expect, it } from "vitest";
import {
  mayMatch,
  NameBlocks,
  parseNameBlocks as parseIfInTime,
} from "../../../../lib/provider/host/services/name-blocks";

const parseNameBlocks = (listing: string, pattern: string) => parseIfInTime(listing, pattern) ?? [];

const DOVECOT = "^local_name (.+) \\{$";

describe("parseNameBlocks", () => {
  it("GIVEN what `doveconf -n` of 2.3 prints THEN a block has all its names and its own settings", () => {
    const listing = `# 2.3.19.1 (9b53102964)
ssl_cert = </etc/default.crt
local_name a.test IMAP.a.test {
  ssl_cert = </etc/dovecot/a.pem
  ssl_key = # hidden, use -P to show it
}
protocol imap {
  ssl_cert = </etc/other.pem
}
local_name b.test b.test {
  ssl_cert = </etc/dovecot/b.pem
}
`;
    expect(parseNameBlocks(listing, DOVECOT).map(({ names }) => names)).toEqual([
      ["a.test", "imap.a.test"],
      ["b.test", "b.test"],
    ]);
    expect(parseNameBlocks(listing, DOVECOT)[0]?.text).toContain("/etc/dovecot/a.pem");
    expect(parseNameBlocks(listing, DOVECOT)[0]?.text).not.toContain("/etc/other.pem");
  });

  it("GIVEN what that of 2.4 prints, with blocks in blocks, THEN the inner ones belong to the outer", () => {
    const listing = `local_name "*.a.test" {
  ssl_server {
    cert_file = /etc/foreign.pem
    key_file = /etc/foreign.pem
  }
}
`;
    const [block] = parseNameBlocks(listing, DOVECOT);
    expect(block?.names).toEqual(["*.a.test"]);
    expect(block?.text).toContain("key_file = /etc/foreign.pem");
  });

  it("GIVEN blocks within another block, closed in another column, THEN none of them swallows the next", () => {
    const listing =
      "local 10.0.0.1 {\n  local_name a {\n    x = 1\n  }\n  local_name b {\n    x = 2\n  }\n}\n";
    const blocks = parseNameBlocks(listing, "^\\s*local_name (.+) \\{$");
    expect(blocks.map(({ names }) => names)).toEqual([["a"], ["b"]]);
    expect(blocks[0]?.text).not.toContain("x = 2");
  });

  it("GIVEN nothing, or a pattern without a group, THEN there are no names", () => {
    expect(parseNameBlocks("", DOVECOT)).toEqual([]);
    expect(parseNameBlocks("local_name a {\n}\n", "^local_name")[0]?.names).toEqual([]);
  });
});

describe("a pattern that a line makes take years", () => {
  it("THEN it is given up in time, and that is told", () => {
    expect(parseIfInTime(`${"a".repeat(60)}!\n`, "^(a+)+$")).toBeUndefined();
  });
});

describe("mayMatch", () => {
  it.each([
    ["imap.a.test", true],
    ["*.a.test", true],
    ["imap.*.test", true],
    ["i*.a.test", true],
    ["?map.a.test", true],
    ["imap.?.test", true],
    ["imap.b.test", false],
    ["*.b.test", false],
    ["?.b.test", false],
    ["a.test", false],
  ])("%s for imap.a.test: %s", (pattern, expected) => {
    expect(mayMatch(pattern, "imap.a.test")).toBe(expected);
  });
});

describe("NameBlocks", () => {
  const ours = { names: ["imap.a.test"], text: "pem = /ours.pem" };
  const foreign = (name: string) => ({ names: [name], text: "pem = /other.pem" });
  const withPath = (path: string) => ({ names: ["imap.a.test"], text: `pem = <${path}` });

  it.each([
    ["none for the name", [foreign("imap.b.test")], "absent", "absent", "absent"],
    ["ours alone", [ours], "chosen", "chosen", "chosen"],
    ["another one alone", [foreign("imap.a.test")], "contested", "contested", "contested"],
    ["a backup of ours", [withPath("/ours.pem.bak")], "contested", "contested", "contested"],
    ["one of ours in another directory", [withPath("/old/ours.pem")], "contested", "contested", "contested"],
    [
      "ours behind one with a longer path",
      [withPath("/old/ours.pem\nkey = </ours.pem")],
      "chosen",
      "chosen",
      "chosen",
    ],
    ["another one before ours", [foreign("*.a.test"), ours], "contested", "chosen", "contested"],
    ["another one after ours", [ours, foreign("*.a.test")], "chosen", "contested", "contested"],
    [
      "one on each side",
      [foreign("?map.a.test"), ours, foreign("*.a.test")],
      "contested",
      "contested",
      "contested",
    ],
  ] as const)(
    "GIVEN %s THEN it stands as it should where the first wins, the last, or nobody knows",
    (_, blocks, ...all) => {
      const standings = (["first", "last", undefined] as const).map((winner) =>
        new NameBlocks(blocks, winner).standing("imap.a.test", "/ours.pem"),
      );
      expect(standings).toEqual(all);
    },
  );

  it("GIVEN others on both sides THEN the rival is the one that would win", () => {
    const blocks = [foreign("*.a.test"), ours, foreign("imap.a.test")];
    expect(new NameBlocks(blocks, "first").rival("imap.a.test", "/ours.pem")).toBe(blocks[0]);
    expect(new NameBlocks(blocks, "last").rival("imap.a.test", "/ours.pem")).toBe(blocks[2]);
    expect(new NameBlocks([ours], "last").rival("imap.a.test", "/ours.pem")).toBeUndefined();
  });

  it("GIVEN thousands of blocks THEN each of their names is found", () => {
    const many = Array.from({ length: 5000 }, (_, index) => ({
      names: [`imap.d${index}.test`, `smtp.d${index}.test`],
      text: `pem = /d${index}.pem`,
    }));
    const blocks = new NameBlocks(many, "last");
    const standings = many.flatMap(({ names }, index) =>
      names.map((name) => blocks.standing(name, `/d${index}.pem`)),
    );
    expect(new Set(standings)).toEqual(new Set(["chosen"]));
  });

  it("GIVEN a name of 300,000 blocks THEN its standing is told in the time that blocks take", () => {
    const many = new Array(300_000).fill({ names: ["a.test"], text: "pem = /b.pem" });
    expect(new NameBlocks(many, "last").standing("a.test", "/a.pem")).toBe("contested");
  });
});
