import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDomainsTxt } from "../../lib/domain/domains-txt";

function parse(text: string) {
  return parseDomainsTxt(text, "domains.txt").map(({ domain, names, source }) => ({
    domain,
    names: names.resolve(domain),
    source,
  }));
}

describe("parseDomainsTxt", () => {
  it("reads a certificate a row, with exactly the row's names", () => {
    const rows = parse("domain1.tld imap.domain1.tld\ndomain2.tld\n");

    expect(rows).toEqual([
      { domain: "domain1.tld", names: ["domain1.tld", "imap.domain1.tld"], source: "domains.txt:1" },
      { domain: "domain2.tld", names: ["domain2.tld"], source: "domains.txt:2" },
    ]);
  });

  it("passes over comments, empty rows and blanks", () => {
    const rows = parse("# a comment\n\n   # another one\n\t a.tld   b.tld\t\n   \n");

    expect(rows).toEqual([{ domain: "a.tld", names: ["a.tld", "b.tld"], source: "domains.txt:4" }]);
  });

  it("joins a line that ends in a backslash to the next, and tells where the row began", () => {
    const rows = parse("a.tld \\\n  imap.a.tld \\\n  smtp.a.tld\nb.tld\\\nc.tld\n");

    expect(rows).toEqual([
      { domain: "a.tld", names: ["a.tld", "imap.a.tld", "smtp.a.tld"], source: "domains.txt:1" },
      { domain: "b.tld", names: ["b.tld", "c.tld"], source: "domains.txt:4" },
    ]);
  });

  it.each(["a.tld b.tld > alias", "a.tld b.tld >alias", "a.tld b.tld>alias"])(
    "takes no notice of the alias in %j",
    (row) => {
      expect(parse(row)[0]?.names).toEqual(["a.tld", "b.tld"]);
    },
  );

  it.each(["a.tld >", "a.tld > one two", "a.tld > one > two", "a.tld > *.a.tld"])(
    "refuses the alias in %j",
    (row) => {
      expect(() => parse(`# first\n${row}\n`)).toThrow(
        expect.objectContaining({
          code: "DOMAINS_TXT_ALIAS",
          problem: expect.stringMatching(/^domains\.txt:2: /),
        }),
      );
    },
  );

  it("reads what editors of other systems write", () => {
    expect(parse("\ufeffa.tld b.tld\r\nc.tld").map(({ names }) => names)).toEqual([
      ["a.tld", "b.tld"],
      ["c.tld"],
    ]);
  });

  it("names a row whose first name is a wildcard by the first one that is none", () => {
    expect(parse("*.a.tld a.tld > star_a")[0]?.domain).toBe("a.tld");
  });

  it.each([
    ["is no host name", "a.tld\nb_.tld", "HOST_NAME_INVALID", 2],
    ["is listed twice in its row", "a.tld\n\nb.tld B.TLD", "NAME_TWICE", 3],
    ["is too long", `a.tld\n${"x".repeat(64)}.tld`, "HOST_NAME_TOO_LONG", 2],
    ["is an expression", `a.tld\n\${var.domain}`, "HOST_NAME_NOT_LITERAL", 2],
    ["stands on a continuation line", "a.tld \\\n b..tld", "HOST_NAME_INVALID", 1],
    ["is a wildcard, and nothing else is there", "*.a.tld > star", "DOMAIN_WITHOUT_HOST_NAME", 1],
  ])("tells file and line of a name that %s", (_, text, code, line) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ code, problem: expect.stringContaining(`domains.txt:${line}: `) }),
    );
  });

  it.each(["", "\n\n", "# nothing but this\n"])("refuses a file without domains: %j", (text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: "DOMAINS_TXT_EMPTY" }));
  });

  it("reads any list of rows, however they are spaced", () => {
    const name = fc.stringMatching(/^[a-z]{1,5}\.[a-z]{2,3}$/);
    const blank = fc.constantFrom(" ", "\t", "  ", " \\\n ");
    const row = fc.tuple(fc.uniqueArray(name, { minLength: 1, maxLength: 4 }), blank);

    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (rows) => {
        const text = rows.map(([names, between]) => names.join(between)).join("\n# between\n\n");
        expect(parse(text).map(({ domain, names }) => [domain, new Set(names)])).toEqual(
          rows.map(([names]) => [names[0], new Set(names)]),
        );
      }),
    );
  });
});
