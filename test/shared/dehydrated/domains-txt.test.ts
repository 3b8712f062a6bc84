import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ReadRow, readDomainsTxt } from "../../../lib/shared/dehydrated/domains-txt";
import { domainsTxt, readByBoth } from "../../constructs/domain/support/both-readings";
import { DEHYDRATED } from "../../support/dehydrated";
import { dehydrated, describeIf } from "../../support/requirements";

function read(text: string): ReadRow[] {
  return readDomainsTxt(text, "domains.txt");
}

describe("readDomainsTxt", () => {
  it("reads a certificate a line, and where it stands", () => {
    expect(read("domain1.tld imap.domain1.tld\ndomain2.tld")).toEqual([
      { names: ["domain1.tld", "imap.domain1.tld"], source: "domains.txt:1" },
      { names: ["domain2.tld"], source: "domains.txt:2" },
    ]);
  });

  it("passes over comments, empty lines and blanks", () => {
    const rows = read("# a comment\n\n   # another one\n\t a.tld   b.tld\t\v\f \n   \n");

    expect(rows).toEqual([{ names: ["a.tld", "b.tld"], source: "domains.txt:4" }]);
  });

  it("reads what editors of other systems write", () => {
    expect(read("\ufeff# first\r\na.tld b.tld \r\nc.tld\r").map(({ names }) => names)).toEqual([
      ["a.tld", "b.tld"],
      ["c.tld"],
    ]);
    expect(read("\ufeffa.tld").map(({ names }) => names)).toEqual([["a.tld"]]);
  });

  it("has a comment that ends in a backslash take nothing away from the next line", () => {
    expect(read("# C:\\mail\\\na.tld\n").map(({ names }) => names)).toEqual([["a.tld"]]);
  });

  it.each(["\u00a0", "\u2003", "\u2028", "\u3000"])(
    "takes the blank %j of another script for a part of the name, as dehydrated does",
    (blank) => {
      expect(read(`a.tld${blank}b.tld`)[0]?.names).toEqual([`a.tld${blank}b.tld`]);
    },
  );

  it.each([
    "a.tld b.tld > Alias",
    "a.tld b.tld >alias",
    "a.tld b.tld>alias",
    "a.tld > alias b.tld",
    ">alias a.tld b.tld",
  ])("finds the alias in %j", (row) => {
    expect(read(row)).toEqual([{ names: ["a.tld", "b.tld"], alias: "alias", source: "domains.txt:1" }]);
  });

  it.each([
    ["a.tld >", "missing"],
    ["a.tld > one > two", "several"],
    ["a.tld >> one", "several"],
    ["a.tld > *.a.tld", "wildcard"],
    ["*.a.tld a.tld", "wildcard"],
    ["*.a.tld >", "wildcard"],
  ])("says of %j that its alias is: %s", (row, aliasFault) => {
    expect(read(row)).toMatchObject([{ aliasFault }]);
  });
});

describeIf(dehydrated, "readDomainsTxt, beside Debian's dehydrated", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "domains-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  async function both(text: string) {
    const path = join(directory, "domains.txt");
    writeFileSync(path, text);
    return readByBoth(DEHYDRATED, path);
  }

  it("THEN both read the same certificates out of any file, with the same directories", async () => {
    let certificates = 0;
    await fc.assert(
      fc.asyncProperty(domainsTxt, async (file) => {
        const { ours, theirs } = await both(file);
        certificates += theirs.certificates.length;
        expect(ours).toEqual(theirs);
      }),
      { numRuns: 40 },
    );
    expect(certificates).toBeGreaterThan(20);
  }, 120_000);

  it("THEN a byte order mark alone is read otherwise: dehydrated has it in the first name", async () => {
    const { ours, theirs } = await both("\ufeffa.tld\nb.tld\n");

    expect(theirs.certificates.map(({ names }) => names)).toEqual([["\ufeffa.tld"], ["b.tld"]]);
    expect(ours.certificates.map(({ names }) => names)).toEqual([["a.tld"], ["b.tld"]]);
  });
});
