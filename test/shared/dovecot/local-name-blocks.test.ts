import { describe, expect, it } from "vitest";
import { BlockPlace, BlockWinner, Dovecot, type LocalNameBlock } from "../../../lib";
import { lookupOfListed } from "../../../lib/constructs/sni/table/listed-name";
import { LocalNameBlocks } from "../../../lib/shared/dovecot/local-name-blocks";
import { certificateOf, served } from "../../constructs/service/served";

const certificates = served(
  certificateOf("d.tld"),
  certificateOf("a.tld", "imap.a.tld", "smtp.a.tld"),
  certificateOf("b.tld", "*.b.tld"),
);

const earlier = (...names: string[]) => block(BlockPlace.BEFORE, names);
const later = (...names: string[]) => block(BlockPlace.AFTER, names);

/** Its certificate is known by its place and its names. */
function block(place: BlockPlace, names: string[]): LocalNameBlock {
  return { names, certificate: `/${place}/${names.join("+").replaceAll(/[*?]/g, "any")}.pem`, place };
}

/** The mail domain whose certificate is presented, the file that is not ours, or "default". */
function presented(dovecot: Dovecot, name: string): string {
  const { certificate, file } = dovecot.lookup(name, certificates);
  return certificate?.name ?? file ?? "default";
}

describe.each([
  { version: "2.3", make: Dovecot.v23 },
  { version: "2.4", make: Dovecot.v24 },
])("blocks of others in Dovecot $version", ({ make }) => {
  const presents = (blocks: LocalNameBlock[], name: string) => presented(make({ otherBlocks: blocks }), name);

  it("GIVEN no place THEN they lose against ours, and serve what we have no entry for", () => {
    const otherBlocks = [
      { names: ["*.a.tld"], certificate: "/etc/ssl/any.pem" },
      { names: ["imap.a.tld"], certificate: "/etc/ssl/imap.pem" },
    ];
    // On 2.4 imap.a.tld is one block with ours, at the place of the first.
    expect(presents(otherBlocks, "imap.a.tld")).toBe("a.tld");
    expect(presents(otherBlocks, "smtp.a.tld")).toBe("a.tld");
    expect(presents(otherBlocks, "webmail.a.tld")).toBe("/etc/ssl/any.pem");
    expect(presents(otherBlocks, "x.webmail.a.tld")).toBe("default");
  });

  it.each([
    ["*.a.tld", "x.a.tld", true],
    ["*.A.tld", "X.a.TLD", true],
    ["*.a.tld", "a.tld", false],
    ["*.a.tld", "y.x.a.tld", false],
    ["*.a.tld", "x.a.tld.", false],
    ["*.*.a.tld", "y.x.a.tld", true],
    ["x.*.tld", "x.c.tld", true],
    ["x.*.tld", "x.y.c.tld", false],
    ["x*.c.tld", "x.c.tld", true],
    ["x*.c.tld", "xyz.c.tld", true],
    ["*x.c.tld", "yx.c.tld", false],
    ["x.c.*", "x.c.tld", false],
    ["?.c.tld", "x.c.tld", true],
    ["?.c.tld", "xy.c.tld", false],
    ["*", "tld", false],
    ["x.c.tld.", "x.c.tld.", true],
    ["x.c.tld.", "x.c.tld", false],
  ])("%s and a client that sends %s: %s", (pattern, name, matches) => {
    expect(presents([later(pattern)], name).startsWith("/")).toBe(matches);
  });

  it("GIVEN a pattern longer than any that matches a name THEN it matches none, and is not compiled", () => {
    expect(presents([later(`${"*x".repeat(50_000)}.c.tld`)], "x.c.tld")).toBe("default");
    expect(presents([later(`${"*.".repeat(252)}c`)], `${"x.".repeat(252)}c`)).toMatch(/^\//);
  });

  it("GIVEN a block for a wildcard that is declared THEN that is served, by an entry that is not ours", () => {
    const otherBlocks = [{ names: ["*.b.tld"], certificate: "/etc/dovecot/mail-sni/b.tld.pem" }];
    expect(lookupOfListed("*.b.tld", make({ otherBlocks }), certificates)).toMatchObject({
      certificate: { name: "b.tld" },
      entry: "local_name *.b.tld, which is unmanaged",
    });
  });

  it("GIVEN a block for a wildcard with another certificate THEN it says which file, and which block", () => {
    const dovecot = make({ otherBlocks: [later("*.b.tld")] });
    expect(lookupOfListed("*.b.tld", dovecot, certificates)).toMatchObject({
      file: "/after/any.b.tld.pem",
      entry: "local_name *.b.tld",
    });
  });

  it("GIVEN nothing declared for a name THEN there is no reason to give", () => {
    const { reason } = make({ otherBlocks: [later("x.tld")] }).lookup("x.tld", certificates);
    expect(reason).toBeUndefined();
  });

  it.each([
    ["no name", [], "LOCAL_NAME_INVALID"],
    ["an empty name", [""], "LOCAL_NAME_INVALID"],
    ["names in one string", ["a.tld b.tld"], "LOCAL_NAME_INVALID"],
    ["a name in quotes", ['"a.tld"'], "LOCAL_NAME_INVALID"],
    ["a name that is no A-label", ["bücher.tld"], "LOCAL_NAME_INVALID"],
  ])("refuses %s", (_, names, code) => {
    const otherBlocks = [{ names, certificate: "/etc/ssl/a.pem" }];
    expect(() => make({ otherBlocks })).toThrow(expect.objectContaining({ code }));
  });

  it("refuses what is read from a certificate that is no path", () => {
    const otherBlocks = [{ names: ["a.tld"], certificate: "</etc/ssl/a.pem" }];
    expect(() => make({ otherBlocks })).toThrow(expect.objectContaining({ code: "PATH_INVALID" }));
  });
});

describe("Dovecot 2.3, where the first block that matches wins", () => {
  const make = (...otherBlocks: LocalNameBlock[]) => Dovecot.v23({ otherBlocks });

  it("GIVEN a block before ours THEN it takes the name, and it is said why", () => {
    expect(make(earlier("*.a.tld")).lookup("imap.a.tld", certificates)).toMatchObject({
      file: "/before/any.a.tld.pem",
      reason: "it is read before the managed block, and the first match wins",
    });
  });

  it("GIVEN several THEN the first one", () => {
    expect(presented(make(earlier("*.a.tld"), earlier("imap.a.tld")), "imap.a.tld")).toBe(
      "/before/any.a.tld.pem",
    );
    expect(presented(make(later("x.c.tld"), later("*.c.tld")), "x.c.tld")).toBe("/after/x.c.tld.pem");
  });

  it("GIVEN the same names twice, in any case THEN the later certificate, at the place of the first", () => {
    const dovecot = make(
      earlier("imap.c.tld", "pop.c.tld"),
      earlier("*.c.tld"),
      later("IMAP.c.tld", "pop.c.tld"),
    );
    expect(presented(dovecot, "imap.c.tld")).toBe("/after/IMAP.c.tld+pop.c.tld.pem");
    expect(presented(dovecot, "smtp.c.tld")).toBe("/before/any.c.tld.pem");
  });

  it("GIVEN the names of ours in another order or once THEN ours is another block", () => {
    expect(presented(make(later("a.tld", "imap.a.tld", "smtp.a.tld")), "imap.a.tld")).toBe("a.tld");
  });

  it("GIVEN the very names of our block THEN they are merged", () => {
    const names = ["a.tld", "imap.a.tld", "smtp.a.tld", "a.tld"];
    expect(presented(make(earlier(...names)), "imap.a.tld")).toBe("a.tld");
    expect(make(later(...names)).lookup("imap.a.tld", certificates)).toMatchObject({
      file: "/after/a.tld+imap.a.tld+smtp.a.tld+a.tld.pem",
      reason: expect.stringContaining("Dovecot merges them"),
    });
  });

  it("THEN the upgrade to 2.4 shows what the same blocks do there", () => {
    const dovecot = make(earlier("*.a.tld", "*.c.tld"), later("smtp.a.tld", "x.c.tld"));
    const upgraded = (name: string) => dovecot.upgrade?.lookup(name, certificates);

    expect(dovecot.upgrade?.to).toBe("Dovecot 2.4");
    expect(presented(dovecot, "imap.a.tld")).toBe("/before/any.a.tld+any.c.tld.pem");
    expect(upgraded("imap.a.tld")?.certificate?.name).toBe("a.tld");
    expect(presented(dovecot, "smtp.a.tld")).toBe("/before/any.a.tld+any.c.tld.pem");
    expect(upgraded("smtp.a.tld")?.file).toBe("/after/smtp.a.tld+x.c.tld.pem");
    expect(presented(dovecot, "x.c.tld")).toBe("/before/any.a.tld+any.c.tld.pem");
    expect(upgraded("x.c.tld")).toMatchObject({
      file: "/after/smtp.a.tld+x.c.tld.pem",
      entry: "local_name x.c.tld",
    });
  });
});

describe("Dovecot 2.4, where the last block that matches wins", () => {
  const make = (...otherBlocks: LocalNameBlock[]) => Dovecot.v24({ otherBlocks });

  it("GIVEN a block after ours THEN it takes the name, and it is said why", () => {
    expect(make(later("*.a.tld")).lookup("imap.a.tld", certificates)).toMatchObject({
      file: "/after/any.a.tld.pem",
      reason: "it is read after the managed block, and the last match wins",
    });
  });

  it("GIVEN several THEN the last one", () => {
    expect(presented(make(later("x.c.tld"), later("*.c.tld")), "x.c.tld")).toBe("/after/any.c.tld.pem");
  });

  it("GIVEN our name again after ours THEN both are one block with the later certificate", () => {
    expect(make(later("imap.a.tld")).lookup("imap.a.tld", certificates)).toMatchObject({
      file: "/after/imap.a.tld.pem",
      reason: expect.stringContaining("Dovecot merges them"),
    });
  });

  it("GIVEN our name before ours, and a wildcard behind that THEN ours counts early, and the wildcard wins", () => {
    expect(make(earlier("IMAP.a.tld"), earlier("*.a.tld")).lookup("imap.a.tld", certificates)).toMatchObject({
      file: "/before/any.a.tld.pem",
      reason: expect.stringContaining("Dovecot merges the managed block into an earlier one"),
    });
    expect(presented(make(earlier("*.a.tld"), earlier("imap.a.tld")), "imap.a.tld")).toBe("a.tld");
  });

  it("refuses several names in one block", () => {
    expect(() => make(later("a.tld", "b.tld"))).toThrow(
      expect.objectContaining({ code: "LOCAL_NAMES_SEVERAL" }),
    );
  });

  it("has no next version that is known", () => {
    expect(make().upgrade).toBeUndefined();
  });
});

describe("LocalNameBlocks", () => {
  it.each([
    ["a+(*.tld", "a+(x.tld", true],
    ["a+(*.tld", "aax.tld", false],
    ["[ab]?.tld", "[ab]x.tld", true],
    ["[ab]?.tld", "ax.tld", false],
    ["a\\d*.tld", "a\\dx.tld", true],
  ])("GIVEN the pattern %s THEN its signs are those of a name: %s matches: %s", (pattern, name, matches) => {
    const rules = { winner: BlockWinner.FIRST, severalNames: true, place: BlockPlace.AFTER };
    const blocks = new LocalNameBlocks(rules, [{ names: [pattern], certificate: "/other.pem" }]);
    expect(blocks.chosen(name) !== undefined).toBe(matches);
  });
});

describe("the example in the comment of LocalNameBlocks", () => {
  const blocks: LocalNameBlock[] = [
    { names: ["imap.a.tld"], certificate: "/imap.pem", place: BlockPlace.BEFORE },
    { names: ["*.a.tld"], certificate: "/any.pem", place: BlockPlace.BEFORE },
    { names: ["smtp.a.tld"], certificate: "/smtp.pem", place: BlockPlace.BEFORE },
    { names: ["pop.a.tld"], certificate: "/pop.pem", place: BlockPlace.AFTER },
  ];
  const ours = served(certificateOf("a.tld", "imap.a.tld", "smtp.a.tld", "pop.a.tld"));

  it.each([
    ["imap.a.tld", "/any.pem"],
    ["smtp.a.tld", "a.tld"],
    ["pop.a.tld", "/pop.pem"],
    ["www.a.tld", "/any.pem"],
  ])("%s is presented %s", (name, expected) => {
    const { certificate, file } = Dovecot.v24({ otherBlocks: blocks }).lookup(name, ours);
    expect(certificate?.name ?? file).toBe(expected);
  });
});
