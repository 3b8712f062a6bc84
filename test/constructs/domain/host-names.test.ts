import { Fn, TerraformVariable } from "cdktf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HostNames } from "../../../lib";
import { testStack } from "../../support/synthesized";

describe("HostNames", () => {
  it("has the names that mail clients try, the domain first", () => {
    expect(HostNames.core().resolve("example.org")).toEqual([
      "example.org",
      "imap.example.org",
      "mail.example.org",
      "pop.example.org",
      "pop3.example.org",
      "smtp.example.org",
    ]);
  });

  it("takes a domain below a suffix of two labels as it is", () => {
    expect(HostNames.subdomains("imap").resolve("example.co.uk")).toEqual(["imap.example.co.uk"]);
  });

  it("turns Unicode into A-labels, and upper case into lower case", () => {
    expect(HostNames.of("IMAP.Bücher.Example.").resolve("bücher.example")).toEqual([
      "imap.xn--bcher-kva.example",
    ]);
  });

  it("keeps to a list whatever the domain", () => {
    expect(HostNames.of("mx.other.tld").resolve("example.org")).toEqual(["mx.other.tld"]);
  });

  it("puts wildcards last", () => {
    expect(HostNames.of("*.a.tld", "z.tld", "a.tld").resolve("a.tld")).toEqual(["a.tld", "z.tld", "*.a.tld"]);
  });

  it("counts a name once that two sets have in common", () => {
    const names = HostNames.core().plus(HostNames.of("imap.example.org", "mx.example.org"));

    expect(names.resolve("example.org").filter((name) => name === "imap.example.org")).toHaveLength(1);
    expect(names.resolve("example.org")).toContain("mx.example.org");
  });

  it.each([
    ["the same name twice", ["a.tld", "b.tld", "a.tld"]],
    ["a name in another case", ["a.tld", "A.TLD"]],
    ["a name in another script", ["bücher.example", "xn--bcher-kva.example"]],
    ["a name with a trailing dot", ["a.tld", "a.tld."]],
  ])("refuses %s", (_, names) => {
    expect(() => HostNames.of(...names)).toThrow(expect.objectContaining({ code: "NAME_TWICE" }));
  });

  it("refuses a label twice as soon as the domain is known", () => {
    expect(() => HostNames.subdomains("imap", "IMAP").resolve("a.tld")).toThrow(
      expect.objectContaining({ code: "NAME_TWICE" }),
    );
  });

  it("refuses empty lists", () => {
    expect(() => HostNames.of()).toThrow(expect.objectContaining({ code: "NAMES_EMPTY" }));
    expect(() => HostNames.subdomains()).toThrow(expect.objectContaining({ code: "NAMES_EMPTY" }));
  });

  it("refuses tokens of every kind, since names become paths and addresses", () => {
    const variable = new TerraformVariable(testStack(), "domain", { type: "string" });
    const refusal = expect.objectContaining({ code: "HOST_NAME_NOT_LITERAL" });

    expect(() => HostNames.of(variable.stringValue)).toThrow(refusal);
    expect(() => HostNames.of(`imap.${variable.stringValue}`)).toThrow(refusal);
    expect(() => HostNames.of(...variable.listValue)).toThrow(refusal);
    expect(() => HostNames.of(Fn.lower("A.TLD"))).toThrow(refusal);
    expect(() => HostNames.core().resolve(variable.stringValue)).toThrow(refusal);
  });

  it("does not depend on the order in which names are listed", () => {
    const name = fc.stringMatching(/^[a-z]{1,4}\.[a-z]{2,3}$/);
    const lists = fc
      .uniqueArray(name, { minLength: 1, maxLength: 8 })
      .chain((names) =>
        fc.tuple(fc.constant(names), fc.shuffledSubarray(names, { minLength: names.length })),
      );

    fc.assert(
      fc.property(lists, ([one, other]) => {
        const domain = one[0] as string;
        expect(HostNames.of(...other).resolve(domain)).toEqual(HostNames.of(...one).resolve(domain));
      }),
    );
  });
});
