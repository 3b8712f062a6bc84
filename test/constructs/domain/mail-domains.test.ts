import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FromDomainsTxtOptions, MailDomains, SkipRows } from "../../../lib";

describe("MailDomains.fromDomainsTxt", () => {
  let directory: string;
  let path: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "domains-"));
    path = join(directory, "domains.txt");
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  function read(text: string, options?: FromDomainsTxtOptions): MailDomains {
    writeFileSync(path, text);
    return MailDomains.fromDomainsTxt(path, options);
  }

  function domainsOf({ entries }: MailDomains): string[] {
    return entries.map(({ domain }) => domain);
  }

  it("takes the first row's domain as the default", () => {
    const domains = read("# first comes\ndomain1.tld imap.domain1.tld\ndomain2.tld\n");

    expect(domains.defaultDomain).toBe("domain1.tld");
    expect(domainsOf(domains)).toEqual(["domain1.tld", "domain2.tld"]);
  });

  it("takes another default where one is given, in any spelling", () => {
    const { defaultDomain } = read("domain1.tld\nbücher.example\n", { defaultDomain: "BÜCHER.example" });

    expect(defaultDomain).toBe("xn--bcher-kva.example");
  });

  it("refuses a default that is not listed", () => {
    expect(() => read("domain1.tld\n", { defaultDomain: "domain3.tld" })).toThrow(
      expect.objectContaining({ code: "DEFAULT_NOT_DECLARED", problem: expect.stringContaining(path) }),
    );
  });

  it("has exactly the names of a row, each once, and tells its alias", () => {
    const [entry] = read("*.a.tld A.tld imap.a.tld a.tld > Star_A\n").entries;

    expect(entry).toMatchObject({ domain: "a.tld", alias: "star_a", source: `${path}:1` });
    expect(entry?.names.resolve("a.tld")).toEqual(["a.tld", "imap.a.tld", "*.a.tld"]);
  });

  it("takes a row with addresses, which are no names that a client sends", () => {
    const [entry] = read("ip:192.0.2.1 a.tld 2001:db8::1\n").entries;

    expect(entry).toMatchObject({ domain: "a.tld", addresses: ["192.0.2.1", "2001:db8::1"] });
    expect(entry?.names.resolve("a.tld")).toEqual(["a.tld"]);
  });

  it("says which file cannot be read", () => {
    expect(() => MailDomains.fromDomainsTxt(path)).toThrow(
      expect.objectContaining({ code: "DOMAINS_TXT_UNREADABLE", problem: expect.stringContaining(path) }),
    );
  });

  it.each(["", "\n\n", "# nothing but this\n"])("refuses a file without domains: %j", (text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: "DOMAINS_TXT_EMPTY" }));
  });

  describe("refuses a row", () => {
    it.each([
      ["that has what is no host name", "a.tld\nb_.tld", "HOST_NAME_INVALID", 2],
      ["with a name that is too long", `a.tld\n${"x".repeat(64)}.tld`, "HOST_NAME_TOO_LONG", 2],
      ["that is an expression", "a.tld\n\n${var.domain}", "HOST_NAME_NOT_LITERAL", 3],
      ["with a token", "a.tld\n${TfToken[TOKEN.1]}.tld", "HOST_NAME_NOT_LITERAL", 2],
      ["with a blank of another script", "a.tld\u00a0b.tld", "HOST_NAME_INVALID", 1],
      ["with a carriage return between names", "a.tld\rb.tld\n", "HOST_NAME_INVALID", 1],
      ["that is continued", "a.tld \\\nb.tld", "DOMAINS_TXT_CONTINUATION", 1],
      ["with a comment behind its names", "a.tld # a customer", "DOMAINS_TXT_COMMENT", 1],
      ["that has wildcards alone", "*.a.tld > star", "DOMAIN_WITHOUT_HOST_NAME", 1],
      ["that has addresses alone", "a.tld\n192.0.2.1", "DOMAIN_WITHOUT_HOST_NAME", 2],
      ["whose directory would be a wildcard", "*.a.tld a.tld", "DOMAINS_TXT_ALIAS", 1],
      ["with a > and nothing behind it", "a.tld >", "DOMAINS_TXT_ALIAS", 1],
      ["with two aliases", "a.tld > b > c", "DOMAINS_TXT_ALIAS", 1],
      ["whose alias climbs", "a.tld > ../../etc", "DOMAINS_TXT_ALIAS", 1],
      ["whose alias is the parent", "a.tld > ..", "DOMAINS_TXT_ALIAS", 1],
      ["whose alias is an expression", "a.tld > ${file(x)}", "DOMAINS_TXT_ALIAS", 1],
      ["for a domain that has one", "a.tld\nb.tld\nA.tld imap.a.tld > a2\n", "DOMAIN_TWICE", 3],
      ["for a directory that has one", "a.tld > x\nb.tld > X\n", "DOMAIN_TWICE", 2],
    ])("%s, with file and line", (_, text, code, line) => {
      expect(() => read(text)).toThrow(
        expect.objectContaining({ code, problem: expect.stringContaining(`domains.txt:${line}: `) }),
      );
    });

    it("together with all others that are wrong, in one message with a line for each", () => {
      const text = "a.tld\nb_.tld\n*.s.tld > star\nc.tld\na.tld > a_rsa\n";

      expect(() => read(text)).toThrow(
        expect.objectContaining({
          code: "DOMAINS_TXT_ROWS",
          problem: expect.stringMatching(
            /^3 rows of .*domains\.txt are refused:\n.*:2: .*\[HOST_NAME_INVALID\]\n.*:3: .*\[DOMAIN_WITHOUT_HOST_NAME\]\n.*:5: .*\[DOMAIN_TWICE\]\n$/,
          ),
        }),
      );
    });

    it("and reads no further after two thousand of them", () => {
      expect(() => read("*\n".repeat(3000))).toThrow(
        expect.objectContaining({
          problem: expect.stringMatching(/^2000 or more rows of /),
          remedy: expect.stringContaining("the rest of it was not read"),
        }),
      );
    });

    it("and shows no more than twenty of them", () => {
      const text = Array.from({ length: 1000 }, (_, number) => `a_${number}.tld\n`).join("");

      expect(() => read(text)).toThrow(
        expect.objectContaining({ problem: expect.stringMatching(/^1000 rows(.*\n){22}$/) }),
      );
      expect(() => read(text)).toThrow(/and 980 more/);
    });

    it("and says what to write to skip it, which then does so", () => {
      const text = "a.tld\n*.service.example.com > star_service_example_com\n";

      expect(() => read(text)).toThrow(/skip: \[SkipRows\.named\("star_service_example_com", "…"\)\]/);
      expect(domainsOf(read(text, { skip: [SkipRows.named("star_service_example_com", "Web.")] }))).toEqual([
        "a.tld",
      ]);
    });
  });

  describe("skips rows", () => {
    it("by the directory of their certificate, and tells which, where and why", () => {
      const domains = read("a.tld\nb.tld > Web\nc.tld\n", {
        skip: [SkipRows.named("web", " Web alone. "), SkipRows.named("C.TLD", "Moved.")],
      });

      expect(domainsOf(domains)).toEqual(["a.tld"]);
      expect(domains.skipped).toEqual([
        { row: "web", reason: "Web alone.", source: `${path}:2` },
        { row: "c.tld", reason: "Moved.", source: `${path}:3` },
      ]);
    });

    it("by a pattern of aliases, which leaves those without an alias alone", () => {
      const text = "a.tld > a_rsa\na.tld > a_ecdsa\nb_rsa.tld.example\nb.tld > b.rsa\n";
      const skip = [
        SkipRows.aliased("*_RSA", "Clients know ECDSA."),
        SkipRows.named("b_rsa.tld.example", "…"),
      ];

      expect(read(text, { skip }).entries.map(({ alias }) => alias)).toEqual(["a_ecdsa", "b.rsa"]);
    });

    it("that have no host name", () => {
      const text = "*.a.tld > star\nip:192.0.2.1\n*.b.tld b.tld > b\n";

      expect(domainsOf(read(text, { skip: [SkipRows.withoutHostName("Web alone.")] }))).toEqual(["b.tld"]);
    });

    it("by what others say of them", () => {
      const skip = [
        { reasonToSkip: ({ names }: { names: string[] }) => (names.length > 1 ? "Several." : undefined) },
      ];

      expect(domainsOf(read("a.tld b.tld\nc.tld\n", { skip }))).toEqual(["c.tld"]);
    });

    it("whatever is wrong with them", () => {
      const skip = [SkipRows.named("a_.tld", "Not ours."), SkipRows.named("one", "Not ours.")];

      expect(domainsOf(read("a_.tld # x\nb.tld > one > two\nc.tld\n", { skip }))).toEqual(["c.tld"]);
    });

    it("never without a reason", () => {
      expect(() => read("a.tld\nb.tld\n", { skip: [SkipRows.named("b.tld", " ")] })).toThrow(
        expect.objectContaining({ code: "DOMAINS_TXT_REASON_EMPTY" }),
      );
    });

    it("but not all of them", () => {
      expect(() => read("a.tld\n", { skip: [SkipRows.named("a.tld", "Gone.")] })).toThrow(
        expect.objectContaining({
          code: "DOMAINS_TXT_EMPTY",
          problem: expect.stringContaining("all of its rows are skipped (1)"),
        }),
      );
    });
  });

  describe("GIVEN a directory domains.txt.d beside it", () => {
    function dropIn(name: string, text: string): void {
      mkdirSync(`${path}.d`, { recursive: true });
      writeFileSync(join(`${path}.d`, name), text);
    }

    it("THEN its *.txt files are read behind it, by name", () => {
      dropIn("20.txt", "d.tld");
      dropIn("10.txt", "b.tld\r\nc.tld\n");
      for (const name of [".hidden.txt", "x.bak", "x.TXT"]) dropIn(name, "e.tld\n");
      const domains = read("a.tld\n");

      expect(domains.entries.map(({ domain, source }) => [domain, source])).toEqual([
        ["a.tld", `${path}:1`],
        ["b.tld", `${path}.d/10.txt:1`],
        ["c.tld", `${path}.d/10.txt:2`],
        ["d.tld", `${path}.d/20.txt:1`],
      ]);
    });

    it("THEN they count where the file itself has no row", () => {
      dropIn("a.txt", "a.tld\n");

      expect(domainsOf(read(""))).toEqual(["a.tld"]);
    });

    it.each(["a.tld", "a.tld\n# end"])(
      "WHEN %j does not end in a newline THEN refused, since dehydrated joins the lines of two files",
      (text) => {
        dropIn("a.txt", "b.tld\n");

        expect(() => read(text)).toThrow(
          expect.objectContaining({
            code: "DOMAINS_TXT_UNTERMINATED",
            problem: expect.stringMatching(/domains\.txt does not .*domains\.txt\.d\/a\.txt/),
          }),
        );
      },
    );

    it("WHEN it is a file THEN it is not read", () => {
      writeFileSync(`${path}.d`, "b.tld\n");

      expect(domainsOf(read("a.tld\n"))).toEqual(["a.tld"]);
    });

    it("WHEN one of its files cannot be read THEN it says so", () => {
      mkdirSync(join(`${path}.d`, "directory.txt"), { recursive: true });

      expect(() => read("a.tld\n")).toThrow(
        expect.objectContaining({
          code: "DOMAINS_TXT_UNREADABLE",
          problem: expect.stringContaining("directory.txt"),
        }),
      );
    });
  });
});
